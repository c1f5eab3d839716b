// Stands in for the packages that Azurite needs only for its telemetry and for a store in an SQL server. The local Azure
// uses neither, and these packages are a hundred megabytes. Azurite extends this class when it loads.
export function Model() {}
