export function drawRooms(): string;
