/** What a Sentry SDK is given: where to report, as whom, and for which project. It is no secret: its key may only report. */
export function dsnOf(publicUrl: string, publicKey: string, projectNumber: number): string {
  const [scheme, rest] = publicUrl.split('://') as [string, string];
  return `${scheme}://${publicKey}@${rest}/${projectNumber}`;
}
