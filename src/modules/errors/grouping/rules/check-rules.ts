import { type FieldProblem } from '../../../../common/coded-exception.js';
import { validationFailed } from '../../../../common/http/validation.js';
import { isKnownVariable } from '../custom/custom-fingerprint.js';
import type { GroupingRules } from './grouping-rules.js';

/**
 * What a schema cannot say: a rule that matches everything is a mistake, and so is a variable that nobody knows.
 * @throws CodedException `VALIDATION_FAILED`
 */
export function checkRules({ rules, in_app }: GroupingRules): void {
  const problems: FieldProblem[] = [];
  const needsMatch = (match: object, field: string) => {
    if (Object.values(match).every((value) => value === undefined))
      problems.push({ field, message: 'must name at least one field' });
  };
  rules.forEach(({ match, fingerprint }, rule) => {
    needsMatch(match, `rules.${rule}.match`);
    fingerprint.forEach((part, index) => {
      if (!isKnownVariable(part))
        problems.push({ field: `rules.${rule}.fingerprint.${index}`, message: `${part} is not known` });
    });
  });
  in_app.forEach(({ match }, rule) => needsMatch(match, `in_app.${rule}.match`));
  if (problems.length > 0) throw validationFailed(problems);
}
