import type { StoryName } from './stories.ts'

export interface SeedPerson {
  readonly name: string
  readonly company: string
  readonly employees: number
  readonly timeZone: string
  readonly locale: string
  readonly story: StoryName
}

const person = (
  name: string,
  company: string,
  employees: number,
  timeZone: string,
  locale: string,
  story: StoryName,
): SeedPerson => ({ name, company, employees, timeZone, locale, story })

/** Invented people of invented companies: every segment, pace and status, in zones around the world. */
export const seedPeople: readonly SeedPerson[] = [
  person('Mira Kovač', 'Adriatic Freight', 42, 'Europe/Zagreb', 'hr', 'newcomer'),
  person('Tom Becker', 'Becker Optik', 14, 'Europe/Berlin', 'de', 'newcomer'),
  person('Aiko Tanaka', 'Sakura Ledger', 60, 'Asia/Tokyo', 'ja', 'newcomer'),
  person('Lucía Fernández', 'Andes Textil', 25, 'America/Lima', 'es', 'silent'),
  person('Peter Okafor', 'Lagos Solar', 33, 'Africa/Lagos', 'en', 'silent'),
  person('Nguyễn Thị Lan', 'Mekong Foods', 80, 'Asia/Ho_Chi_Minh', 'vi', 'silent'),
  person('Hannah Schmid', 'Alpenwerk', 19, 'Europe/Zurich', 'de', 'silentNearEnd'),
  person('Oliver Grant', 'Grant & Daughters', 12, 'Europe/London', 'en', 'silentNearEnd'),
  person('Priya Raman', 'Chennai Robotics', 120, 'Asia/Kolkata', 'en', 'fastStart'),
  person('Jonas Lindqvist', 'Fjäll Studio', 16, 'Europe/Stockholm', 'sv', 'fastStart'),
  person('Chloé Martin', 'Atelier Nord', 22, 'Europe/Paris', 'fr', 'steady'),
  person('Daniel Cohen', 'Carmel Analytics', 48, 'Asia/Jerusalem', 'en', 'steady'),
  person('Sofia Rossi', 'Rossi Ceramica', 30, 'Europe/Rome', 'it', 'steady'),
  person('Kwame Mensah', 'Accra Health', 55, 'Africa/Accra', 'en', 'slowButActive'),
  person('Ewa Nowak', 'Baltic Print', 21, 'Europe/Warsaw', 'pl', 'slowButActive'),
  person('Marcus Reid', 'Blue Ridge Tools', 18, 'America/New_York', 'en', 'slowButActive'),
  person('Emily Carter', 'Prairie Books', 11, 'America/Chicago', 'en', 'stalled'),
  person('Bram de Vries', 'Polder Energie', 70, 'Europe/Amsterdam', 'nl', 'stalled'),
  person('Ana Sousa', 'Porto Cargo', 38, 'Europe/Lisbon', 'pt', 'stalledNearEnd'),
  person('Li Wei', 'Harbour Sensors', 150, 'Asia/Shanghai', 'zh', 'stalledNearEnd'),
  person('Grace Kim', 'Han River Media', 44, 'Asia/Seoul', 'ko', 'activatedFresh'),
  person('Ravi Patel', 'Gujarat Dairy', 90, 'Asia/Kolkata', 'en', 'activatedFresh'),
  person('Isabel Torres', 'Costa Verde Tours', 27, 'America/Bogota', 'es', 'activatedHeavy'),
  person('Liam O’Connor', 'Galway Boats', 15, 'Europe/Dublin', 'en', 'activatedHeavy'),
  person('Yara Haddad', 'Cedar Finance', 65, 'Asia/Beirut', 'ar', 'activatedHeavy'),
  person('Noah Williams', 'Summit Rentals', 36, 'America/Denver', 'en', 'activatedNearEnd'),
  person('Ingrid Solberg', 'Nordlys Labs', 29, 'Europe/Oslo', 'nb', 'activatedNearEnd'),
  person('Matteo Bianchi', 'Bianchi Eventi', 17, 'Europe/Rome', 'it', 'activatedPaidFeature'),
  person('Zoe Walker', 'Southern Cross HR', 52, 'Australia/Sydney', 'en', 'activatedPaidFeature'),
  person('Max Freeman', 'Freeman Designs', 1, 'America/Los_Angeles', 'en', 'opportunist'),
  person('Pavel Novák', 'Novák Solo', 1, 'Europe/Prague', 'cs', 'opportunist'),
  person('Rita Gomes', 'Rita Writes', 1, 'America/Sao_Paulo', 'pt', 'opportunist'),
  person('Sam Lee', 'Home Project', 3, 'America/Toronto', 'en', 'unqualified'),
  person('Julia Hahn', 'Term Paper Group', 4, 'Europe/Vienna', 'de', 'unqualified'),
  person('Victor Petrov', 'Sofia Logistics', 75, 'Europe/Sofia', 'bg', 'converted'),
  person('Amina Diallo', 'Dakar Design', 24, 'Africa/Dakar', 'fr', 'converted'),
  person('Ben Hughes', 'Cardiff Labs', 31, 'Europe/London', 'en', 'convertedLate'),
  person('Carla Mendes', 'Lagoa Foods', 47, 'America/Sao_Paulo', 'pt', 'endedPrice'),
  person('Erik Jensen', 'Jensen Vind', 26, 'Europe/Copenhagen', 'da', 'endedNoTime'),
  person('Olga Ivanova', 'Riga Textiles', 20, 'Europe/Riga', 'lv', 'endedSilent'),
  person('Hassan Ali', 'Nile Couriers', 58, 'Africa/Cairo', 'ar', 'extendedByRep'),
  person('Maria Papadaki', 'Aegean Yachts', 13, 'Europe/Athens', 'el', 'extendedBySelf'),
  person('George Brown', 'Brown Bakery', 23, 'America/New_York', 'en', 'unsubscribed'),
  person('Fatima Zahra', 'Atlas Crafts', 34, 'Africa/Casablanca', 'fr', 'replied'),
  person('Keiko Mori', 'Kyoto Paper', 40, 'Asia/Tokyo', 'ja', 'comeback'),
]
