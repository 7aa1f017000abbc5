import type { NudgeInstance } from '../../shared/collect.ts'
import { nudgeFormats } from '../../shared/trial.ts'
import { aNudge } from './collect-sink.ts'

/** One presentable nudge of each format, in two scripts: for pictures and accessibility checks. */

const actions = { label: 'Upgrade now', url: '/upgrade' }

const english: Record<NudgeInstance['format'], Partial<NudgeInstance>> = {
  banner: {
    title: 'Your trial board is getting busy',
    body: '5 people work here. **3 of them** lose access on 24 January.',
    action: { label: 'See plans', url: '/plans' },
  },
  modal: {
    title: 'You have finished 12 cards this week',
    body: 'That is about **4 hours** your team did not spend in status meetings. Keep it that way with a plan that fits five people.',
  },
  slideout: {
    title: 'Ready for the next step?',
    body: 'Teams that invite one more person finish their first board **three times** as often. [How it works](/help)',
    action: { label: 'Invite a teammate', url: '/invite' },
  },
  tooltip: {
    title: 'Save this as a template',
    body: 'You have made this board twice. A template does it in one click.',
    action: { label: 'Make a template', url: '/templates' },
    anchor: '#anchor',
  },
  inline: {
    title: 'Reports are better with history',
    body: 'Upgrade to compare with the last 12 months.',
    anchor: '#slot',
  },
  checklist: {
    title: 'Get to your first finished board',
    body: 'Three steps, about four minutes.',
    dismiss: 'Hide this list',
    action: null,
  },
  usage_meter: {
    title: 'Automations this month',
    body: '',
    meter: { used: 86, limit: 100, unit: 'runs' },
    action: { label: 'Get more', url: '/plans' },
  },
  countdown: { title: 'Your trial ends in', body: '', action: { label: 'Choose a plan', url: '/plans' } },
  upgrade_wall: {
    title: 'Automations are part of Team',
    body: 'You just tried to add an automation. On **Team** you get 1,000 runs a month, for 9 € per person.',
  },
  survey: {
    title: 'Before you go on',
    body: '',
    question: 'What did you hope to get done today?',
    answers: ['Plan a project', 'See who does what', 'Replace a spreadsheet', 'Just looking'],
  },
}

const arabic: Partial<NudgeInstance> = {
  locale: 'ar',
  dir: 'rtl',
  title: 'أنهى فريقك ١٢ بطاقة هذا الأسبوع',
  body: 'هذا يعادل **٤ ساعات** لم تُقضَ في الاجتماعات. [اعرف المزيد](/help)',
  action: { label: 'الترقية الآن', url: '/upgrade' },
  dismiss: 'ليس الآن',
  question: 'ماذا كنت تأمل أن تنجز؟',
}

export const gallery = (dir: 'ltr' | 'rtl'): NudgeInstance[] =>
  nudgeFormats.map((format) => {
    const own = english[format]
    const words = dir === 'rtl' ? arabic : {}
    const meter = own.meter && dir === 'rtl' ? { ...own.meter, unit: 'عملية' } : own.meter
    const answers = dir === 'rtl' && own.answers ? ['تخطيط مشروع', 'مجرد نظرة'] : (own.answers ?? [])
    return aNudge({
      id: format,
      format,
      action: actions,
      ...own,
      ...words,
      ...(meter && { meter }),
      answers,
    })
  })

export const galleryPage = `
<style>body{font:16px/1.5 system-ui;margin:0;padding:24px 32px;max-width:860px}body.dark{background:#0f1116;color:#e7e9ee}</style>
<main><h1>Board: spring launch</h1><p>The page a nudge stands on.</p>
<p><button type="button" id="anchor">Duplicate board</button></p><div id="slot"></div></main>`
