/** Which reports a rule is for: all that is given must match. Texts may hold `*` for any text; case does not matter. */
export interface RuleMatch {
  source?: string;
  /** `TypeError`, of a message `TypeError: x is not a function`. */
  type?: string;
  message?: string;
  /** Of one and the same call, among the first three of own code. */
  function?: string;
  module?: string;
  file?: string;
  platform?: string;
  level?: string;
}

/** What reports that match are grouped by. */
export interface FingerprintRule {
  match: RuleMatch;
  fingerprint: string[];
}

/** Which calls a rule is for: all that is given must match. */
export interface CallMatch {
  file?: string;
  module?: string;
  function?: string;
}

/** Whether calls that match are the user’s own code. */
export interface InAppRule {
  match: CallMatch;
  in_app: boolean;
}

/** Both lists are ordered: the first rule that matches counts. */
export interface GroupingRules {
  rules: FingerprintRule[];
  in_app: InAppRule[];
}

export const NO_RULES: GroupingRules = { rules: [], in_app: [] };
