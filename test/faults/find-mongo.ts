export async function findMongoForFaults(): Promise<{
  uri: string
  name: string
  close(): Promise<void>
} | null> {
  return null
}
