import { z } from 'zod';
import { CHECKERS } from './checker-registry.js';

describe.each(Object.entries(CHECKERS))('the kind %s', (_, checker) => {
  const schema = z.toJSONSchema(checker.options, { io: 'input' }) as { properties: Record<string, object> };

  it('needs no options', () => {
    expect(checker.options.safeParse({}).success).toBe(true);
  });

  it('keeps secret only what is one of its options', () => {
    expect(Object.keys(schema.properties)).toEqual(expect.arrayContaining([...checker.secret_options]));
  });

  it('says what each option means', () => {
    for (const property of Object.values(schema.properties)) {
      expect(property).toMatchObject({ description: expect.stringMatching(/\w+.*\.$/) });
    }
  });
});
