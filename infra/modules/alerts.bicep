// Tells people what needs them, from the log lines of the service (src/base/log.ts): one JSON object per trace.
// Each alert names its heading in the runbook. Reasons and events are held against the code by a test.

param location string
param tags object
param workspaceId string

@description('Where docs/runbook.md can be read, without a heading.')
param runbookUrl string

@description('Who is mailed; empty: nobody.')
param alertEmail string

@description('Ids of action groups that are told as well.')
param actionGroupIds string[]

@description('Two intervals of the schedule and some minutes for the log to arrive.')
param silenceWindow 'PT10M' | 'PT15M' | 'PT30M' | 'PT45M' | 'PT1H' | 'PT2H' | 'PT3H' | 'PT6H' | 'P1D'

@description('How long a superseded key may stay accepted before somebody is told.')
@minValue(1)
@maxValue(40)
param supersededAcceptedHours int

// What every query begins with. The empty table is in front because a workspace has no AppTraces before the first line
// has come: a rule on a missing table is refused.
var lines = '''
union isfuzzy=true (datatable(TimeGenerated: datetime, Message: string)[]), AppTraces
| where Message startswith '{"event":'
| extend line = parse_json(Message)
| extend event = tostring(line.event), account = tostring(line.account), reason = tostring(line.reason)
'''

// Told by what the lines themselves say, because not every telemetry mode of the host names the operation of a line.
var silent = '''
| where event == 'tick' or (event == 'pass' and tostring(line.trigger) == 'reconcile-on-schedule')
'''

var blocked = '''
| where event == 'pass' and tostring(line.outcome) == 'waiting'
| summarize arg_max(TimeGenerated, line, reason) by account
| where tobool(line.isBlocked)
| project account, reason, detail = tostring(line.detail), phase = tostring(line.phase)
'''

// As each pass that could read the record says itself. A paused or frozen account counts; one that is only observed does not.
var overdue = '''
| where event == 'pass' and isnotempty(tostring(line.phase))
| summarize arg_max(TimeGenerated, line, reason) by account
| where tobool(line.isOverdue) and reason != 'ObserveOnly'
| project account, reason = iff(isempty(reason), tostring(line.code), reason), phase = tostring(line.phase)
'''

// Six hours of nothing but failures: an account of which nothing is due is looked at once in that time, a failing one often.
var failing = '''
| where event == 'pass' and tostring(line.code) != 'Throttled'
| summarize passes = count(), failed = countif(tostring(line.outcome) == 'failed'), arg_max(TimeGenerated, line) by account
| where failed == passes and failed >= 3
| project account, code = tostring(line.code), service = tostring(line.service), operation = tostring(line.operation)
'''

var drift = '''
| where event == 'step' and tostring(line.step) == 'publish' and reason in ('PublishedKeyDrifted', 'SecretMissing')
| project TimeGenerated, account, reason, slot = tostring(line.slot)
'''

var superseded = '''
| where event == 'pass' and reason == 'SupersededKeyStillAccepted'
| summarize first = min(TimeGenerated), last = max(TimeGenerated) by account, rotationId = tostring(line.rotationId)
| where last > ago(2h) and last - first >= {hours} * 1h
'''

var compromised = '''
| where event == 'request' and tostring(line.kind) == 'compromised'
| project TimeGenerated, account, requestId = tostring(line.requestId)
'''

var throttling = '''
| where (event == 'pass' and tostring(line.code) == 'Throttled') or (event == 'step' and tostring(line.finding) == 'throttled')
| extend service = iff(event == 'step', 'dataPlane', tostring(line.service))
'''

// The account goes by its id here: one that is not configured any more has no alias.
var notificationsDead = '''
| where event == 'notificationDead'
| project TimeGenerated, account = tostring(line.resourceId), detail = tostring(line.detail)
'''

var poisoned = '''
| where event == 'messageGivenUp'
| project TimeGenerated, accounts = tostring(line.accountIds), code = tostring(line.code)
'''

// What passes by itself is told when it does not pass.
var unsearched = '''
| where event == 'subscriptionNotSearched'
| summarize times = count(), arg_max(TimeGenerated, line) by subscriptionId = tostring(line.subscriptionId)
| where times >= 3 or tostring(line.code) in ('Forbidden', 'NotFound', 'Misconfigured')
| project subscriptionId, code = tostring(line.code)
'''

// Periods: how often in a row a query must find something.
var alerts = {
  'timer-silent': {
    title: 'The timer is silent'
    text: 'Nothing was heard of the timer for two intervals: no account is rotated, repaired or watched.'
    heading: 'timer-silent'
    query: silent
    severity: 1
    frequency: 'PT5M'
    window: silenceWindow
    operator: 'LessThan'
    threshold: 1
    periods: 1
    dimensions: []
  }
  'account-blocked': {
    title: 'An account is blocked'
    text: 'The rotation of an account cannot go on until somebody ends the stated cause.'
    heading: 'account-blocked'
    query: blocked
    severity: 2
    frequency: 'PT15M'
    window: 'P1D'
    operator: 'GreaterThan'
    threshold: 0
    periods: 1
    dimensions: ['account', 'reason']
  }
  'account-failing': {
    title: 'An account fails'
    text: 'Every pass over an account has failed for hours: it is not rotated, repaired or watched.'
    heading: 'account-failing'
    query: failing
    severity: 2
    frequency: 'PT30M'
    window: 'PT6H'
    operator: 'GreaterThan'
    threshold: 0
    periods: 1
    dimensions: ['account', 'code']
  }
  'rotation-overdue': {
    title: 'A rotation is overdue'
    text: 'A rotation should have begun, or the phase of one under way been over, at least one maximum overlap ago.'
    heading: 'rotation-overdue'
    query: overdue
    severity: 2
    frequency: 'PT1H'
    window: 'P2D'
    operator: 'GreaterThan'
    threshold: 0
    periods: 1
    dimensions: ['account']
  }
  'drift-repaired': {
    title: 'Drift was repaired'
    text: 'The published key had been changed or its secret removed by somebody else; the live key was published again.'
    heading: 'drift-repaired'
    query: drift
    severity: 3
    frequency: 'PT15M'
    window: 'PT30M'
    operator: 'GreaterThan'
    threshold: 0
    periods: 1
    dimensions: ['account', 'reason']
  }
  'superseded-key-still-accepted': {
    title: 'A superseded key is still accepted'
    text: 'Hours after a superseded key was replaced the data plane still accepts it.'
    heading: 'superseded-key-still-accepted'
    query: replace(superseded, '{hours}', string(supersededAcceptedHours))
    severity: 2
    frequency: 'PT1H'
    window: 'P2D'
    operator: 'GreaterThan'
    threshold: 0
    periods: 1
    dimensions: ['account']
  }
  'compromised-key-named': {
    title: 'A key was named as compromised'
    text: 'An operator named a leaked key. It is being replaced now; follow the request until the key is dead.'
    heading: 'compromised-key-named'
    query: compromised
    severity: 1
    frequency: 'PT5M'
    window: 'PT10M'
    operator: 'GreaterThan'
    threshold: 0
    periods: 1
    dimensions: ['account']
  }
  'throttling-sustained': {
    title: 'Calls are throttled'
    text: 'Azure has throttled calls of the service for three quarters of an hour.'
    heading: 'throttling-sustained'
    query: throttling
    severity: 3
    frequency: 'PT15M'
    window: 'PT15M'
    operator: 'GreaterThan'
    threshold: 5
    periods: 3
    dimensions: ['service']
  }
  'queue-poisoned': {
    title: 'Messages in the poison queue'
    text: 'A message about an account was given up: settings, configuration or table could not be read in five attempts.'
    heading: 'messages-in-the-poison-queue'
    query: poisoned
    severity: 3
    frequency: 'PT15M'
    window: 'PT30M'
    operator: 'GreaterThan'
    threshold: 0
    periods: 1
    dimensions: []
  }
  'subscription-not-searched': {
    title: 'A subscription is not searched'
    text: 'A subscription could not be searched for tagged accounts: new ones are not found.'
    heading: 'subscription-not-searched'
    query: unsearched
    severity: 3
    frequency: 'PT1H'
    window: 'PT6H'
    operator: 'GreaterThan'
    threshold: 0
    periods: 1
    dimensions: ['subscriptionId', 'code']
  }
  'notifications-given-up': {
    title: 'A notification was given up'
    text: 'The receiver has not taken a notification for a day: what it tells of is not known there.'
    heading: 'notifications-given-up'
    query: notificationsDead
    severity: 3
    frequency: 'PT1H'
    window: 'PT1H'
    operator: 'GreaterThan'
    threshold: 0
    periods: 1
    dimensions: ['account']
  }
}

resource mail 'Microsoft.Insights/actionGroups@2023-01-01' = if (!empty(alertEmail)) {
  name: 'key-rotation'
  location: 'global'
  tags: tags
  properties: {
    enabled: true
    groupShortName: 'keyrotation'
    emailReceivers: [{ name: 'operators', emailAddress: alertEmail, useCommonAlertSchema: true }]
  }
}

var actionGroups = concat(actionGroupIds, empty(alertEmail) ? [] : [resourceId('Microsoft.Insights/actionGroups', 'key-rotation')])

resource rules 'Microsoft.Insights/scheduledQueryRules@2023-12-01' = [
  for alert in items(alerts): {
    name: 'key-rotation-${alert.key}'
    location: location
    tags: tags
    kind: 'LogAlert'
    dependsOn: [mail]
    properties: {
      displayName: 'Key rotation: ${alert.value.title}'
      description: '${alert.value.text} What to do: ${runbookUrl}#${alert.value.heading}'
      enabled: true
      severity: alert.value.severity
      scopes: [workspaceId]
      // The tables of a new workspace come later.
      skipQueryValidation: true
      evaluationFrequency: alert.value.frequency
      windowSize: alert.value.window
      autoMitigate: true
      criteria: {
        allOf: [
          {
            query: '${lines}${alert.value.query}'
            timeAggregation: 'Count'
            operator: alert.value.operator
            threshold: alert.value.threshold
            dimensions: map(alert.value.dimensions, name => { name: name, operator: 'Include', values: ['*'] })
            failingPeriods: {
              numberOfEvaluationPeriods: alert.value.periods
              minFailingPeriodsToAlert: alert.value.periods
            }
          }
        ]
      }
      actions: {
        actionGroups: actionGroups
        customProperties: { runbook: '${runbookUrl}#${alert.value.heading}' }
      }
    }
  }
]
