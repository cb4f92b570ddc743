/**
 * A hundred words that grouping leaves alone (no digits, no ids), so that three of them make a million messages
 * which really are different problems.
 */
const WORDS = (
  'account address alert amount archive badge basket billing branch bridge budget button cache calendar canvas ' +
  'carrier cart catalog channel checkout client cluster column comment company contact coupon courier credit ' +
  'currency customer dealer delivery deposit device discount document domain driver export factory feature folder ' +
  'forecast garden gateway handler harbor image import index invoice journal kitchen label ledger letter license ' +
  'limit market member meter mirror module network notice option order outlet packet parcel partner payment ' +
  'picture planet player policy portal price printer product profile project queue quote record refund region ' +
  'report reserve review route sample schema segment sensor session shipment station storage ticket'
).split(' ');

/** Distinct groups that {@link errorBody} can make. */
export const MAX_GROUPS = WORDS.length ** 3;

const word = (group, place) => WORDS[Math.floor(group / WORDS.length ** place) % WORDS.length];

/** The body of one report, about 650 bytes: what varies between two reports of one group is in the context. */
export function errorBody(group, sequence) {
  const [subject, owner, part] = [word(group, 0), word(group, 1), word(group, 2)];
  return `{"level":"error","message":"Could not load ${subject} for ${owner}: ${part} is locked by transaction ${40_000 + group}","stack_trace":"DatabaseError: Could not load ${subject}\\n    at ${owner}.load (/srv/shop/src/${owner}/${subject}.repository.js:118:23)\\n    at process.processTicksAndRejections (node:internal/process/task_queues:95:5)\\n    at async ${part}.handle (/srv/shop/src/${part}.service.js:64:18)\\n    at async /srv/shop/node_modules/express/lib/router/layer.js:95:5","context":{"user_id":"${10_000 + (sequence % 5_000)}","session_id":"s-${sequence.toString(36)}","request_id":"req-${sequence}","cart_items":${sequence % 9}},"source":"backend","environment":"production","url":"https://shop.example.com/${subject}/${sequence % 1000}"}`;
}

/** The same error as an event of Sentry’s Node SDK, about 2 kB, with the id that its envelope carries. */
export function errorEvent(group, sequence, groups) {
  const [subject, owner, part] = [word(group, 0), word(group, 1), word(group, 2)];
  // Each mix counts from 0: the id says which it is, or its events would have come before.
  const id = hex(sequence, 12) + hex(groups, 6) + RUN;
  const json = `{"exception":{"values":[{"type":"DatabaseError","value":"Could not load ${subject} for ${owner}: ${part} is locked by transaction ${40_000 + group}","stacktrace":{"frames":[{"filename":"/srv/shop/node_modules/express/lib/router/layer.js","module":"express.lib.router:layer","function":"Layer.handle","lineno":95,"colno":5,"in_app":false},{"filename":"/srv/shop/src/${part}.service.js","module":"${part}.service","function":"${part}.handle","lineno":64,"colno":18,"in_app":true,"pre_context":["  async handle(request) {","    const id = request.params.id;"],"context_line":"    return await this.repository.load(id);","post_context":["  }","}"]},{"filename":"/srv/shop/src/${owner}/${subject}.repository.js","module":"${owner}:${subject}.repository","function":"${owner}.load","lineno":118,"colno":23,"in_app":true,"pre_context":["    const row = await this.find(id);"],"context_line":"    if (row.locked) throw new DatabaseError(describe(row));","post_context":["    return row;"]}]},"mechanism":{"type":"generic","handled":true}}]},"event_id":"${id}","level":"error","platform":"node","timestamp":1795514400.${100 + (sequence % 900)},"environment":"production","release":"shop@3.2.0","server_name":"web-${sequence % 4}","user":{"id":"${10_000 + (sequence % 5_000)}"},"tags":{"tenant":"t${sequence % 20}"},"contexts":{"runtime":{"name":"node","version":"v20.20.2"},"os":{"name":"Linux","version":"6.18"},"trace":{"trace_id":"4bf92f3577b34da6a3ce929d0e0e4736","span_id":"00f067aa0ba902b7"}},"breadcrumbs":[{"timestamp":1795514399.5,"category":"http","type":"http","data":{"url":"https://shop.example.com/${subject}","http.method":"GET","status_code":200}}],"request":{"method":"GET","url":"https://shop.example.com/${subject}/${sequence % 1000}","headers":{"host":"shop.example.com","user-agent":"curl/8.5"}},"sdk":{"name":"sentry.javascript.node","version":"11.12.0"}}`;
  return { id, json };
}

/** Ids of events must differ between runs of one database. */
const RUN = hex(Math.floor(Math.random() * 16 ** 12), 14);

function hex(number, digits) {
  return number.toString(16).padStart(digits, '0');
}
