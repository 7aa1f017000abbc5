/** Address of a company’s page in the dashboard. */
export const companyHref = (companyId: string): string => `#/companies/${encodeURIComponent(companyId)}`
