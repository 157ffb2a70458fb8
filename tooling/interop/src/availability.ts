export { isMandatory, missingProgram as missingServer } from '@posthorn/testkit';
