// Headers as App Service authentication adds them.
export interface Claims {
  readonly roles?: readonly string[];
  readonly name?: string;
  readonly objectId?: string;
  readonly appId?: string;
  /** How roles are called in the claims. */
  readonly roleType?: string;
}

export function principal({ roles = [], name, objectId, appId, roleType = 'roles' }: Claims): Record<string, string> {
  const claims = [
    ...roles.map((val) => ({ typ: roleType, val })),
    ...(name === undefined ? [] : [{ typ: 'name', val: name }]),
    ...(objectId === undefined
      ? []
      : [{ typ: 'http://schemas.microsoft.com/identity/claims/objectidentifier', val: objectId }]),
    ...(appId === undefined ? [] : [{ typ: 'appid', val: appId }]),
  ];
  return raw({ auth_typ: 'aad', claims, name_typ: 'name', role_typ: roleType });
}

export function raw(document: unknown): Record<string, string> {
  const text = typeof document === 'string' ? document : JSON.stringify(document);
  return { 'x-ms-client-principal': Buffer.from(text).toString('base64') };
}
