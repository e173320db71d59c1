import { exporters } from "../../pipeline/export/export-all.ts";
import { exporterSuite } from "./exporter.suite.ts";

for (const exporter of Object.values(exporters)) await exporterSuite(exporter);
