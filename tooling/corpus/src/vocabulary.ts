/**
 * Invented people, subjects and words in several languages.
 * @module
 */
import type { Charset } from './charsets.ts';

/** A language, the charsets its mail is written in and what people write. */
export interface Language {
  readonly charsets: readonly Charset[];
  readonly subjects: readonly string[];
  readonly words: readonly string[];
  readonly fileNames: readonly string[];
  readonly separator: string;
}

export interface Person {
  readonly name: string;
  readonly address: string;
}

const split = (text: string): readonly string[] => text.split(' ');

const ENGLISH: Language = {
  charsets: ['us-ascii', 'utf-8'],
  subjects: [
    'Meeting notes',
    'Quarterly report (draft)',
    'Re-scheduling the site visit',
    'Invoice 20931 is due',
    'Lunch on Thursday?',
    'build failed: nightly #4471',
    'Photos from the workshop',
    'Your order has shipped',
    'Minutes, actions & open questions',
  ],
  words: split(
    'the a and of to in that it is was for on with as at by this we you from have are not but what all were when there ' +
      'can more if about which their will would make time look people other than then now only its over also after ' +
      'use how work first well way even new want because any these give day most us report server message folder ' +
      'draft review contract delivery schedule garden window copper harbour lantern orchard station archive quarter',
  ),
  fileNames: ['report.pdf', 'photo 1.jpg', 'budget "final".xlsx', 'notes.txt', 'patch-0001.diff'],
  separator: ' ',
};

const GERMAN: Language = {
  charsets: ['iso-8859-1', 'utf-8', 'windows-1252'],
  subjects: ['Grüße aus Köln', 'Rückfrage zur Prüfung der Anlage', 'Überweisung für März', 'Straßenfest: wer kommt?'],
  words: split(
    'der die und in den von zu das mit sich des auf für ist im dem nicht ein eine als auch es an werden aus er hat dass ' +
      'sie nach wird bei einer um am sind noch wie einem über einen so zum war haben nur oder aber vor zur bis mehr durch ' +
      'Übung Straße Größe Änderung möglich natürlich früher später grüßen',
  ),
  fileNames: ['Übersicht.pdf', 'Prüfbericht für die Straßenbaubehörde (endgültige Fassung).pdf'],
  separator: ' ',
};

const FRENCH: Language = {
  charsets: ['windows-1252', 'iso-8859-1', 'utf-8'],
  subjects: ['Réunion déplacée à jeudi', 'Devis n° 88 – à signer', 'L’été prochain…', 'Compte rendu du comité'],
  words: split(
    'le de un être et à il avoir ne je son que se qui ce dans en du elle au pour pas vous par sur faire plus dire me ' +
      'on mon lui nous comme mais pouvoir avec tout y aller voir bien où sans déjà après très élève réponse forêt',
  ),
  fileNames: ['devis été.pdf', 'présentation générale du projet.odp'],
  separator: ' ',
};

const RUSSIAN: Language = {
  charsets: ['koi8-r', 'utf-8'],
  subjects: ['Отчет за неделю', 'Приглашение на встречу в среду', 'Договор и приложения', 'Вопрос по заказу'],
  words: split(
    'и в не на я быть он с что а по это она этот к но они мы весь который из у свой вы за для от так мочь все ты же год ' +
      'человек сказать один когда только такой время если уже другой рука слово дело жизнь город вопрос письмо работа',
  ),
  fileNames: ['договор.pdf', 'протокол заседания рабочей группы.docx'],
  separator: ' ',
};

const JAPANESE: Language = {
  charsets: ['iso-2022-jp', 'utf-8'],
  subjects: ['会議の議事録', '見積書の送付', '明日の予定の確認', 'お願い: 資料の送付', '東京からの報告'],
  words: split(
    '会議 資料 予定 確認 報告 東京 明日 の を に は が と お願い します ました です ください 見積書 送付 様',
  ),
  fileNames: ['議事録.pdf', '見積書と請求書の送付.xlsx'],
  separator: '',
};

const GREEK: Language = {
  charsets: ['utf-8'],
  subjects: ['Καλημέρα από τη Θεσσαλονίκη', 'Πρόσκληση 🎉'],
  words: split('και το να του η της με που την από για είναι στο δεν τα τον ένα ο τη σε αυτό μια αλλά όταν πολύ ημέρα'),
  fileNames: ['αναφορά.pdf'],
  separator: ' ',
};

/** Languages with the share of mail written in them. */
export const LANGUAGES: readonly (readonly [weight: number, language: Language])[] = [
  [50, ENGLISH],
  [14, GERMAN],
  [10, FRENCH],
  [10, RUSSIAN],
  [10, JAPANESE],
  [6, GREEK],
];

export const PEOPLE: readonly Person[] = [
  { name: 'Ada Quill', address: 'ada.quill@example.org' },
  { name: 'Björn Ångström', address: 'bjorn@example.net' },
  { name: 'Chloé Lefèvre', address: 'chloe.lefevre@post.example' },
  { name: 'Дарья Иванова', address: 'darya@example.com' },
  { name: '青木 恵', address: 'aoki@tokyo.example' },
  { name: 'Fen, Eva (Sales)', address: 'eva.fen@example.com' },
  { name: 'Gus "Gusty" Gale', address: 'gus+mail@example.net' },
  { name: '', address: 'h.ito@example.org' },
  { name: 'Ines Ivar', address: 'ines@lists.example' },
  { name: 'Jürgen Groß', address: 'juergen.gross@werk.example' },
  { name: 'Kim', address: '"kim o\'neill"@example.org' },
  { name: 'Λεωνίδας', address: 'leonidas@example.com' },
  { name: 'Build robot', address: 'no-reply@build.example' },
  { name: 'Mara Nowak', address: 'mara@example.net' },
];

export const LISTS: readonly string[] = ['harbour-dev', 'announce', 'gardeners'];
export const HOSTS: readonly string[] = [
  'mx1.example.net',
  'relay.example.org',
  'smtp-out.example.com',
  'filter.post.example',
];
export const KEYWORDS: readonly string[] = [
  '$Forwarded',
  '$MDNSent',
  '$Label1',
  'NonJunk',
  'work',
  'to-do',
  '$Phishing',
];
/** Minutes east of UTC. */
export const ZONES: readonly number[] = [0, 60, 120, 120, 180, -300, -420, -480, 330, 345, 540, 570, -210, 765, -720];
