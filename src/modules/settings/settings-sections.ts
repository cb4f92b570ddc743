import { PRIVACY } from './sections/privacy.section.js';
import { RETENTION } from './sections/retention.section.js';
import type { SettingsSection } from './settings-section.js';

/** Every section, by the name that it is stored under. */
export const SECTIONS = {
  privacy: PRIVACY,
  retention: RETENTION,
} as const satisfies Record<string, SettingsSection<unknown>>;

export type SettingsName = keyof typeof SECTIONS;

type ValueOf<Section> = Section extends SettingsSection<infer Value> ? Value : never;

/** What each section holds. */
export type SettingsByName = { [Name in SettingsName]: ValueOf<(typeof SECTIONS)[Name]> };
