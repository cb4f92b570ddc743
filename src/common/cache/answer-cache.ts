import { Injectable } from '@nestjs/common';
import { createCache } from 'cache-manager';
import { Keyv } from 'keyv';
import { Counter, Gauge, register } from 'prom-client';
import { DataSource } from 'typeorm';
import { BoundedStore } from './bounded-store.js';
import { type Topic, Versions } from './versions.js';

const MAX_BYTES = 32 * 1024 * 1024;
const MAX_ENTRIES = 2_000;
const SIZE = 'watchkeep_cache_bytes';

const askedAnswers = new Counter<'topic' | 'result'>({
  name: 'watchkeep_cache_answers_total',
  help: 'Answers asked of the cache: hit, miss (made and kept), unsettled (made while somebody wrote: not kept).',
  labelNames: ['topic', 'result'],
});

/** How long an answer may be kept, and what makes it void before. */
export interface CacheRule {
  topic: Topic;
  milliseconds: number;
}

/**
 * Answers of this process, kept in memory under the version of what they depend on: nobody is shown an answer from before
 * a write that was acknowledged, by whichever process. Those who ask for the same at the same time get one answer; failures
 * are not kept. Redis would save nothing: the version has to be asked for either way, and costs less than a value from there.
 */
@Injectable()
export class AnswerCache {
  private readonly versions: Versions;
  private readonly store = new BoundedStore(MAX_BYTES, MAX_ENTRIES, sizeOf);
  private readonly cache = createCache({
    // The store expects objects, and nobody changes an answer once it is made.
    stores: [new Keyv({ store: this.store, serialize: undefined, deserialize: undefined })],
  });

  constructor(dataSource: DataSource) {
    this.versions = new Versions(dataSource);
    showSize(this.store);
  }

  /** The answer to `question`: kept, or made by `make`. */
  async answer<Answer>(
    question: string,
    { topic, milliseconds }: CacheRule,
    make: () => Promise<Answer>,
  ): Promise<Answer> {
    const version = await this.versions.current(topic).catch(() => undefined);
    // Without a database there may still be an answer, which tells so.
    if (version === undefined) return make();
    const key = `${topic}.${version} ${question}`;
    const kept = await this.cache.get<Answer>(key);
    if (kept !== undefined) return counted(topic, 'hit', kept);
    if (!(await this.versions.isSettled(topic))) return counted(topic, 'unsettled', await make());
    const made = await this.cache.wrap(key, make, milliseconds);
    return counted(topic, 'miss', made);
  }

  /** For a write that no trigger tells: after commit, before it is acknowledged. */
  changed(topic: Topic): Promise<void> {
    return this.versions.move(topic);
  }
}

/** Tests make several in one process: the last one shows. */
function showSize(store: BoundedStore): Gauge {
  register.removeSingleMetric(SIZE);
  return new Gauge({
    name: SIZE,
    help: 'Bytes of answers that are kept, about.',
    collect() {
      this.set(store.usedBytes);
    },
  });
}

function counted<Answer>(topic: Topic, result: string, answer: Answer): Answer {
  askedAnswers.inc({ topic, result });
  return answer;
}

/** As long as it is when sent: objects take a few times as much, which the bound allows for. */
function sizeOf(entry: unknown): number {
  return JSON.stringify(entry).length * 3;
}
