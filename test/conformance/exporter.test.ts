import { exporters } from "../../pipeline/export/exporters.ts";
import { exporterSuite } from "./exporter.suite.ts";

for (const exporter of Object.values(exporters)) await exporterSuite(exporter);
