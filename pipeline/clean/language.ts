export interface DetectedLanguage {
  /** ISO 639-1. */
  readonly language: string;
  /** 0..1. */
  readonly confidence: number;
}

/** More tells no more of the language. */
const detectedCharacters = 2000;

/** The language of a text by its n-grams (eld); undefined if it has none of the sixty that are known. */
export async function loadLanguageDetector(): Promise<(text: string) => DetectedLanguage | undefined> {
  const { eld } = await import("eld/medium");
  return (text) => {
    const found = eld.detect(text.slice(0, detectedCharacters));
    if (found.language === "") return undefined;
    const confidence = found.getScores()[found.language] ?? 0;
    return { language: found.language, confidence: Math.min(1, Math.max(0, confidence)) };
  };
}

/** One name for a language: eng, en-US and eng_Latn are en. Unknown names are left as they are. */
export function languageCode(name: string): string {
  const [first = ""] = name.trim().toLowerCase().split(/[-_]/);
  try {
    return new Intl.Locale(first).language;
  } catch {
    return first;
  }
}
