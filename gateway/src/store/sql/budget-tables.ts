export interface BudgetTables {
  budgets: BudgetRow;
  alerts: AlertRow;
  /** `delivery` is JSON. */
  alert_deliveries: { alert_id: string; channel: string; delivery: string };
}

export interface BudgetRow {
  id: string;
  name: string;
  created_at_ms: number;
  /** All else as JSON. */
  terms: string;
}

export interface AlertRow {
  id: string;
  key: string;
  at_ms: number;
  /** All else as JSON. */
  told: string;
}
