import * as z from 'zod'

/** How everything a person sees is dressed: emails, hosted pages, the survey, nudges. */

const colour = z
  .string()
  .regex(/^#[0-9a-f]{6}$/, 'a colour such as #1a5fb4, in lower case')
  .describe('sRGB, six hexadecimal digits.')

export const logoImageSchema = z.strictObject({
  file: z
    .string()
    .regex(/^[a-f0-9]{64}\.(png|jpg)$/)
    .describe('Name under /brand/, as the upload answered it: the hash of its bytes.'),
  width: z.int().min(1).max(4000).describe('Of the file, in its own pixels.'),
  height: z.int().min(1).max(4000),
})

export const brandSchema = z
  .strictObject({
    logo: z
      .strictObject({
        light: logoImageSchema,
        dark: logoImageSchema.optional().describe('For dark mode; without one the logo is on a light plate.'),
        width: z.int().min(16).max(320).default(140).describe('As shown, in CSS pixels.'),
      })
      .optional()
      .describe('Without one the product’s name is written.'),
    accent: colour
      .optional()
      .describe(
        'Buttons, links and bars. Where words in it could not be read it is drawn darker, or lighter in dark mode: every text reaches 4.5 : 1.',
      ),
    font: z
      .enum(['system', 'sans', 'humanist', 'serif', 'mono'])
      .optional()
      .describe('A list of fonts every device has. No font is loaded from elsewhere.'),
    radius: z.int().min(0).max(24).optional().describe('Of corners, in CSS pixels.'),
    footer: z
      .array(z.string().trim().min(1).max(200))
      .max(3)
      .optional()
      .describe(
        'Lines above the postal address, in the language of the playbook; `translations` has the others.',
      ),
  })
  .meta({ id: 'Brand' })

export type Brand = z.output<typeof brandSchema>
