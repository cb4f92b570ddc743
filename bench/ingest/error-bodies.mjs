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
