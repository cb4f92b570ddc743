/** What `watchkeep setup --json` prints. */
export interface SetupReport {
  /** Whether there was no API key yet. */
  first_start: boolean;
  /** The one-time link that makes the owner’s account; null once there is an owner. */
  setup_url: string | null;
  /** The first API key, on the first start only. */
  api_key: string | null;
}
