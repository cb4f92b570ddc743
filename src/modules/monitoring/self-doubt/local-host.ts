const LOCAL =
  /^(?:localhost|.+\.localhost|127\.\d+\.\d+\.\d+|\[?::1\]?|\[?::ffff:7f[0-9a-f]{2}:[0-9a-f]{1,4}\]?)\.?$/i;

/** Whether a host is this machine: then reaching it takes no network. */
export function isLocalHost(host: string): boolean {
  return LOCAL.test(host);
}

/** The host of an endpoint’s address, as its checks know it; the whole text when it is no address. */
export function hostOf(url: string): string {
  try {
    return new URL(url).hostname || url;
  } catch {
    return url;
  }
}
