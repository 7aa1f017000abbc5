/** How a language addresses a person by name. */

const commonVietnameseSurnames = new Set([
  'nguyễn',
  'trần',
  'lê',
  'phạm',
  'hoàng',
  'huỳnh',
  'phan',
  'vũ',
  'võ',
  'đặng',
  'bùi',
  'đỗ',
  'hồ',
  'ngô',
  'dương',
  'lý',
])
const plainName = /^[\p{L}\p{M}'’. -]{1,40}$/u

/**
 * Mostly the first name. Korean, Japanese and Chinese take the whole one; Vietnamese takes the last part, as the
 * surname stands first there.
 * @returns null when there is nothing to greet someone by.
 */
export function callName(
  { name, firstName }: { readonly name?: string; readonly firstName?: string },
  locale: string,
): string | null {
  if (!firstName) return null
  if (!name || !plainName.test(name)) return firstName
  const language = locale.split('-')[0]
  if (language === 'ko' || language === 'ja' || language === 'zh') return name
  const parts = name.trim().split(/\s+/)
  const isSurnameFirst = commonVietnameseSurnames.has((parts[0] ?? '').toLowerCase().normalize('NFC'))
  return language === 'vi' && isSurnameFirst ? (parts.at(-1) ?? firstName) : firstName
}
