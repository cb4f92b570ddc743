/** How long this process has been running: seconds to one decimal. */
export function uptimeSeconds(): number {
  return Math.round(process.uptime() * 10) / 10;
}

/** The same in whole seconds. */
export function wholeUptimeSeconds(): number {
  return Math.floor(process.uptime());
}
