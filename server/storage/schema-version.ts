/** The data was written by a newer Trialpace than this one. */
export class SchemaTooNew extends Error {
  override readonly name = 'SchemaTooNew'
  constructor(where: string, stored: number, known: number) {
    super(
      `${where} has schema version ${stored}, this Trialpace knows versions up to ${known}. ` +
        'Start the newer Trialpace, or restore a backup taken before its upgrade.',
    )
  }
}
