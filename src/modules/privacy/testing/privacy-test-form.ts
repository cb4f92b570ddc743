import { Injectable } from '@nestjs/common';
import { CodedException, invalidField } from '../../../common/coded-exception.js';
import { type ScrubPreview, ScrubbingReader } from '../../errors/scrubbing/scrubbing.reader.js';
import { SettingsReader } from '../../settings/settings.reader.js';

/** What the page shows. */
export interface PrivacyTestView {
  /** JSON, as it was typed. */
  sample: string;
  settings: string;
  preview?: ScrubPreview;
  /** Why nothing could be tried. */
  problem?: string;
}

const EXAMPLE = JSON.stringify(
  {
    message: 'Payment of bob@example.com failed: password=hunter2',
    url: 'https://shop.example.com/pay?token=abc123',
    context: {
      user: { id: 'u-17', email: 'bob@example.com' },
      card: '4111 1111 1111 1111',
      headers: { Authorization: 'Bearer abc.def.123', Host: 'shop.example.com' },
    },
    source: 'default',
  },
  null,
  2,
);

/** Reads the form of the page, and fills it. */
@Injectable()
export class PrivacyTestForm {
  constructor(
    private readonly scrubbing: ScrubbingReader,
    private readonly settings: SettingsReader,
  ) {}

  async empty(): Promise<PrivacyTestView> {
    const settings = await this.settings.read('privacy');
    return { sample: EXAMPLE, settings: JSON.stringify(settings, null, 2) };
  }

  async fill(given: Record<string, unknown>): Promise<PrivacyTestView> {
    const view = { sample: textOf(given['sample']), settings: textOf(given['settings']) };
    try {
      const candidate = view.settings.trim() === '' ? undefined : objectOf('settings', view.settings);
      const preview = await this.scrubbing.preview(objectOf('sample', view.sample), candidate);
      return { ...view, preview };
    } catch (error) {
      if (!(error instanceof CodedException)) throw error;
      return { ...view, problem: problemOf(error) };
    }
  }
}

function problemOf({ message, details }: CodedException): string {
  const [first] = details ?? [];
  return first ? `${first.field} ${first.message}` : message;
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

/** @throws CodedException `VALIDATION_FAILED` */
function objectOf(field: string, text: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw invalidField(field, `is not JSON: ${(error as Error).message}`);
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value))
    return value as Record<string, unknown>;
  throw invalidField(field, 'must be an object');
}
