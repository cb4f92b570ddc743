import { AFRICAS_TALKING } from './africas-talking.integration.js';
import { ALERTMANAGER } from './alertmanager.integration.js';
import { DISCORD } from './discord.integration.js';
import { EMAIL } from './email.integration.js';
import type { IntegrationKind } from './integration-kind.js';
import { PAGERDUTY } from './pagerduty.integration.js';
import { SLACK } from './slack.integration.js';
import { TEAMS } from './teams.integration.js';
import { TELEGRAM } from './telegram.integration.js';
import { TWILIO } from './twilio.integration.js';
import { WEBHOOK } from './webhook.integration.js';

/** Every kind, in the order in which they are listed. */
export const INTEGRATION_KINDS: readonly IntegrationKind[] = [
  EMAIL,
  TWILIO,
  AFRICAS_TALKING,
  SLACK,
  DISCORD,
  TELEGRAM,
  TEAMS,
  PAGERDUTY,
  WEBHOOK,
  ALERTMANAGER,
];

const BY_NAME = new Map(INTEGRATION_KINDS.map((kind) => [kind.name, kind]));

export const KIND_NAMES = [...BY_NAME.keys()];

export function kindOf(name: string): IntegrationKind | undefined {
  return BY_NAME.get(name);
}
