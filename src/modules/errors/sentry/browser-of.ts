interface Versioned extends Record<string, unknown> {
  name: string;
  version?: string;
}

/** In this order: most browsers claim to be those below them. */
const BROWSERS: readonly (readonly [name: string, pattern: RegExp])[] = [
  ['Edge', /\bEdg(?:e|A|iOS)?\/([\d.]{1,20})/],
  ['Opera', /\bOPR\/([\d.]{1,20})/],
  ['Samsung Internet', /\bSamsungBrowser\/([\d.]{1,20})/],
  ['Firefox', /\b(?:Firefox|FxiOS)\/([\d.]{1,20})/],
  ['Headless Chrome', /\bHeadlessChrome\/([\d.]{1,20})/],
  ['Chrome', /\b(?:Chrome|CriOS)\/([\d.]{1,20})/],
  ['Safari', /\bVersion\/([\d.]{1,20}).{0,100}\bSafari\//],
];

const SYSTEMS: readonly (readonly [name: string, pattern: RegExp])[] = [
  ['Windows', /\bWindows(?: NT ([\d.]{1,20}))?/],
  ['iOS', /\b(?:iPhone|CPU) OS ([\d_]{1,20})/],
  ['Android', /\bAndroid(?: ([\d.]{1,20}))?/],
  ['macOS', /\bMac OS X(?: ([\d_.]{1,20}))?/],
  ['Chrome OS', /\bCrOS\b/],
  ['Linux', /\bLinux\b/],
];

/** The browser that a `User-Agent` names; null when it is none that many people use. */
export function browserOf(userAgent: string): Versioned | null {
  return firstOf(BROWSERS, userAgent);
}

/** The operating system that a `User-Agent` of a browser names. */
export function systemOf(userAgent: string): Versioned | null {
  return userAgent.startsWith('Mozilla/') ? firstOf(SYSTEMS, userAgent) : null;
}

function firstOf(known: typeof BROWSERS, userAgent: string): Versioned | null {
  for (const [name, pattern] of known) {
    const match = pattern.exec(userAgent);
    if (!match) continue;
    return match[1] === undefined ? { name } : { name, version: match[1].replaceAll('_', '.') };
  }
  return null;
}
