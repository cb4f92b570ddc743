import { OUTAGE_EVERY_DAYS, OUTAGE_MS } from './history.mjs';

const DAY_MS = 86_400_000;
const PAGE = 50;

/** What is asked, at random places; each answer is looked at. */
export function questions({ api, overview, ids, idsWithHours }) {
  const any = (list) => list[Math.floor(Math.random() * list.length)];
  const series = (step, days) => async () => {
    const from = new Date(Date.now() - days * DAY_MS).toISOString();
    const path = `/health/api/endpoints/${any(idsWithHours)}/response-times?step=${step}&from=${from}`;
    const { total } = await api(path);
    return total.count > 0 && total.p50 > 0;
  };
  const bars = (limit) => async () => {
    const offset = Math.floor(Math.random() * Math.max(1, ids.length - limit));
    const { endpoints } = await api(`/health/api/uptime?limit=${limit}&offset=${offset}`);
    return endpoints.length === Math.min(limit, ids.length) && endpoints.every(isRight);
  };
  return {
    'overview (not from its cache)': async () => isShare((await overview()).uptime_percent_90d),
    'uptime of all endpoints': async () => isShare((await api('/api/monitoring/uptime')).uptime_percent_30d),
    [`day bars, 90 days × ${PAGE} endpoints`]: bars(PAGE),
    'day bars, 90 days × 100 endpoints': bars(100),
    'uptime of one endpoint': async () => {
      const { windows } = await api(`/health/api/endpoints/${any(ids)}/uptime`);
      return windows.every(sumsToWindow);
    },
    'response times, 90 days by day': series('1d', 90),
    'response times, 7 days by hour': series('1h', 7),
  };
}

/** Nothing but the outages that were written, and no hole. */
function isRight({ days, coverage_percent }) {
  const known = days.filter((day) => Object.keys(day.states).length > 0);
  const down = known.filter((day) => day.states.major_outage === OUTAGE_MS);
  const up = known.filter((day) => day.uptime_percent === 100);
  return (
    coverage_percent === 100 &&
    known.length > 0 &&
    down.length + up.length === known.length &&
    Math.abs(down.length - known.length / OUTAGE_EVERY_DAYS) <= 1
  );
}

function sumsToWindow({ states, from, to }) {
  const sum = Object.values(states).reduce((total, ms) => total + ms, 0);
  return sum === Date.parse(to) - Date.parse(from);
}

/** Ten minutes in ten days. */
function isShare(percent) {
  return Math.abs(percent - 100 * (1 - OUTAGE_MS / OUTAGE_EVERY_DAYS / DAY_MS)) < 0.05;
}
