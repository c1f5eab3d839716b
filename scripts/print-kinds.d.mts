export function printKinds(): string;
