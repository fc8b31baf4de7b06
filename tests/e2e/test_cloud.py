#!/usr/bin/env python3
"""tests/e2e/test_cloud.py - SigmaHQ's own rules for Entra ID, Azure, Microsoft 365 and Okta find the
events they are for, in each form in which such a log is exported.

The rules are those of the corpora, unchanged; the events are invented after the services' references.
A row: the rule's id, the event, and where it differs from it what the rule must not match."""
import copy
import json
import os
import sys

import common

CORPORA = os.environ.get("TOCSIN_CORPORA")
UPN = "j.falk@elbwerft.example"
ADMIN = "adm.roth@elbwerft.example"
WHEN = "2026-03-17T20:04:12Z"


def signin(code, **more):
    return {"createdDateTime": WHEN, "userPrincipalName": UPN, "ipAddress": "203.0.113.77",
            "status": {"errorCode": code, "failureReason": "Other.", "additionalDetails": None}, **more}


def export(log, **properties):
    return {"time": "2026-03-17T20:09:00Z", "resourceId": "/tenants/t/providers/Microsoft.aadiam",
            "category": log, "properties": properties}


def table(kind, **columns):
    return {"TimeGenerated": WHEN, "Type": kind, **columns}


def directory(name, category="UserManagement", service="Core Directory", **more):
    return {"activityDateTime": WHEN, "activityDisplayName": name, "category": category,
            "loggedByService": service, "result": "success",
            "initiatedBy": {"user": {"userPrincipalName": ADMIN}}, "targetResources": [], **more}


def changed(kind, name, value):
    return [{"type": kind, "userPrincipalName": UPN,
             "modifiedProperties": [{"displayName": name, "oldValue": "[]", "newValue": value}]}]


def unified(operation, workload="Exchange", **more):
    return {"CreationTime": WHEN[:-1], "Operation": operation, "Workload": workload, "UserId": UPN,
            "ClientIP": "203.0.113.77", "ResultStatus": "True", **more}


def alert(name, **more):
    return unified("AlertTriggered", "SecurityComplianceCenter", Name=name, ResultStatus="Succeeded",
                   **more)


def search(record):
    return {"CreationDate": WHEN, "UserIds": UPN, "Operations": record["Operation"],
            "AuditData": json.dumps(record)}


def okta(kind, result="SUCCESS", reason=None, **more):
    return {"published": WHEN, "eventType": kind, "actor": {"alternateId": UPN},
            "client": {"ipAddress": "203.0.113.77"}, "outcome": {"result": result, "reason": reason},
            "target": [{"displayName": "Okta Admin Console"}], **more}


SINGLE = "singleFactorAuthentication"
ROWS = [
    # sign-ins: blocked by a policy, locked out, disabled
    ("9a60e676-26ac-44c3-814b-0c2a8b977adf", signin(53003), signin(53000)),
    ("2b7d6fc0-71ac-4cf7-8ed1-b5788ee5257a",
     {**export("SignInLogs", createdDateTime=WHEN, status={"errorCode": 50053}), "resultType": "50053"},
     export("SignInLogs", createdDateTime=WHEN, status={"errorCode": 50126})),
    ("908655e0-25cf-4ae1-b775-1c8ce9cf43d8",
     table("SigninLogs", ResultType="50057", ResultDescription="User account is disabled. The account "
           "has been disabled by an administrator."), table("SigninLogs", ResultType="0")),
    # MFA denied; interrupted; not asked for
    ("e40f4962-b02b-4192-9bfe-245f7ece1f99",
     signin(50074, authenticationRequirement="multiFactorAuthentication",
            status={"errorCode": 500121, "additionalDetails": "MFA denied; user declined"}),
     signin(0, authenticationRequirement="multiFactorAuthentication")),
    ("e40f4962-b02b-4192-9bfe-245f7ece1f99",
     table("SigninLogs", ResultType="500121", AuthenticationRequirement="multiFactorAuthentication",
           Status=json.dumps({"errorCode": 500121, "additionalDetails": "MFA denied; no answer"})),
     table("SigninLogs", ResultType="0", AuthenticationRequirement="multiFactorAuthentication",
           Status=json.dumps({"errorCode": 0, "additionalDetails": "MFA completed"}))),
    ("5496ff55-42ec-4369-81cb-00f417029e25",
     signin(500121, status={"errorCode": 500121, "failureReason":
                            "Authentication failed during strong authentication request."}),
     signin(0)),
    ("28eea407-28d7-4e42-b0be-575d5ba60b2c", signin(0, authenticationRequirement=SINGLE),
     signin(50126, authenticationRequirement=SINGLE)),
    ("53bb4f7f-48a8-4475-ac30-5a82ddfdf6fc", signin(0, userAgent="BAV2ROPC"),
     signin(50126, userAgent="BAV2ROPC")),
    ("248649b7-d64f-46f0-9fb2-a52774166fb5",
     export("SignInLogs", authenticationProtocol="deviceCode"),
     export("SignInLogs", authenticationProtocol="none")),
    ("4f77e1d7-3982-4ee0-8489-abf2d6b75284",
     table("SigninLogs", DeviceDetail=json.dumps({"isCompliant": False})),
     signin(0, deviceDetail={"isCompliant": True})),
    ("572b12d4-9062-11ed-a1eb-0242ac120002",
     signin(0, riskState="atRisk", authenticationRequirement=SINGLE, deviceDetail={"trustType": ""}),
     signin(0, riskState="none", authenticationRequirement=SINGLE)),
    ("35b781cc-1a08-4a5a-80af-42fd7c315c6b",
     {**export("NonInteractiveUserSignInLogs", userAgent="azurehound/v1"), "resultType": 0},
     {**export("NonInteractiveUserSignInLogs", userAgent="azurehound/v1"), "resultType": 50126}),
    # the directory
    ("4d78a000-ab52-4564-88a5-7ab5242b20c7",
     directory("User registered security info", service="Authentication Methods"),
     directory("User deleted security info", service="Authentication Methods")),
    ("b18454c8-0be3-41f7-86bc-9c614611b839",
     directory("Update user", targetResources=changed("User", "StrongAuthenticationRequirement",
                                                      '[{"RelyingParty":"*","State":0}]')),
     directory("Update user", targetResources=changed("User", "DisplayName", '["x"]'))),
    ("b18454c8-0be3-41f7-86bc-9c614611b839",
     table("AuditLogs", OperationName="Update user", Category="UserManagement",
           LoggedByService="Core Directory", TargetResources=json.dumps(
               changed("User", "StrongAuthenticationRequirement", '[{"State":0}]'))),
     table("AuditLogs", OperationName="Update user", Category="UserManagement",
           LoggedByService="Core Directory", TargetResources="[]")),
    ("ebbeb024-5b1d-4e16-9c0c-917f86c708a7",
     directory("Add member to role", "RoleManagement",
               targetResources=changed("User", "Role.DisplayName", '"Global Administrator"')),
     directory("Add member to role", "RoleManagement",
               targetResources=changed("User", "Role.DisplayName", '"Reader"'))),
    ("11c767ae-500b-423b-bae3-b234450736ed",
     {**export("AuditLogs", activityDateTime=WHEN, category="RoleManagement", targetResources=changed(
         "User", "Role.TemplateId", '"62e90394-69f5-4237-9190-012177145e10"')),
      "operationName": "Add member to role"},
     {**export("AuditLogs", activityDateTime=WHEN, category="RoleManagement"),
      "operationName": "Add member to role"}),
    ("352a54e1-74ba-4929-9d47-8193d67aba1e", directory("Set federation settings on domain"),
     directory("Set domain authentication")),
    ("0b4b72e3-4c53-4d5b-b198-2c58cfef39a9", directory("Invite external user", result="failure"),
     directory("Invite external user")),
    ("b04934b2-0a68-4845-8a19-bdfed3a68a7a",
     directory("Add member to role", targetResources=[{"type": "ServicePrincipal"}]),
     directory("Add member to role", targetResources=[{"type": "User"}])),
    ("aeaef14c-e5bf-4690-a9c8-835caad458bd", directory("Disable PIM alert"),
     directory("Enable PIM alert")),
    # risk, PIM
    ("128faeef-79dd-44ca-b43c-a9e236a60f49",
     {"activityDateTime": WHEN, "riskEventType": "unfamiliarFeatures", "userPrincipalName": UPN},
     {"activityDateTime": WHEN, "riskEventType": "unlikelyTravel", "userPrincipalName": UPN}),
    ("128faeef-79dd-44ca-b43c-a9e236a60f49",
     export("UserRiskEvents", riskEventType="unfamiliarFeatures"),
     table("AADUserRiskEvents", RiskEventType="generic")),
    ("e402c26a-267a-45bd-9615-bd9ceda6da85",
     {"@odata.type": "#microsoft.graph.staleSignInAlertIncident", "id": "1"},
     {"@odata.type": "#microsoft.graph.redundantAssignmentAlertIncident", "id": "1"}),
    # Azure
    ("459a2970-bb84-4e6a-a32e-ff0fbd99448d",
     {"eventTimestamp": WHEN, "operationName": {"value": "Microsoft.KeyVault/vaults/delete"}},
     {"eventTimestamp": WHEN, "operationName": {"value": "Microsoft.KeyVault/vaults/read"}}),
    ("bcfcc962-0e4a-4fd9-84bb-a833e672df3f",
     table("AzureActivity", OperationNameValue="MICROSOFT.NETWORK/VIRTUALNETWORKS/WRITE"),
     table("AzureActivity", OperationNameValue="MICROSOFT.NETWORK/VIRTUALNETWORKS/READ")),
    ("09438caa-07b1-4870-8405-1dbafe3dad95",
     {**export("Administrative"), "operationName": "MICROSOFT.AUTHORIZATION/ELEVATEACCESS/ACTION"},
     {**export("Administrative"), "operationName": "MICROSOFT.AUTHORIZATION/OTHER/ACTION"}),
    ("a622fcd2-4b5a-436a-b8a2-a4171161833c",
     {"eventTimestamp": WHEN, "operationName": {"value": "Microsoft.Authorization/roleAssignments/write"}},
     {"eventTimestamp": WHEN, "operationName": {"value": "Microsoft.Authorization/locks/write"}}),
    # Microsoft 365
    ("60de9b57-dc4d-48b9-a6a0-b39e0469f876", unified("Disable Strong Authentication.", "AzureActiveDirectory"),
     unified("Enable Strong Authentication.", "AzureActiveDirectory")),
    ("60de9b57-dc4d-48b9-a6a0-b39e0469f876", search(unified("Disable Strong Authentication.")),
     search(unified("UserLoggedIn"))),
    ("42127bdd-9133-474f-a6f1-97b6c08a4339", unified("Add-FederatedDomain"),
     unified("Add-FederatedDomain", ResultStatus="False")),
    ("bd132164-884a-48f1-aa2d-c6d646b04c69", alert("Potential ransomware activity"), alert("Other")),
    ("d7eab125-5f94-43df-8710-795b80fa1189", search(alert("Impossible travel activity")),
     alert("Impossible travel activity", Workload="Exchange")),
    # Okta
    ("50e068d7-1e6b-4054-87e5-0a592c40c7e0", okta("user.mfa.factor.reset_all"),
     okta("user.mfa.factor.activate")),
    ("ee39a9f7-5a79-4b0a-9815-d36b3cf28d3e",
     okta("user.authentication.auth_via_mfa", "FAILURE", "FastPass declined phishing attempt"),
     okta("user.authentication.auth_via_mfa", "FAILURE", "INVALID_CREDENTIALS")),
    ("9058ca8b-f397-4fd1-a9fa-2b7aad4d6309",
     okta("user.session.access_admin_app", securityContext={"isProxy": True},
          debugContext={"debugData": {"requestUri": "/admin/sso/callback"}}),
     okta("user.session.access_admin_app", securityContext={"isProxy": False},
          debugContext={"debugData": {"requestUri": "/admin/sso/callback"}})),
    ("a0b38b70-3cb5-484b-a4eb-c4d8e7bcc0a9",
     okta("policy.evaluate_sign_on", debugContext={"debugData": {"behaviors": "{New IP=POSITIVE}"}}),
     okta("policy.evaluate_sign_on", debugContext={"debugData": {"behaviors": "{New IP=NEGATIVE}"}})),
    ("6cc2b61b-d97e-42ef-a9dd-8aa8dc951657",
     okta("app.generic.unauth_app_access_attempt",
          displayMessage="User attempted unauthorized access to app"),
     okta("user.session.start", displayMessage="User login to Okta")),
]
PRODUCTS = {"azure": 123, "m365": 19, "okta": 21}


class Cloud(common.Case):
    def found(self, *paths, rule=None):
        """(file, line) of each finding."""
        args = ["hunt", "--no-progress", "-f", "jsonl", "-r", os.path.join(CORPORA, "sigma", "rules")]
        args += ["--rule", rule] if rule else []
        lines = [json.loads(l) for l in self.run_tocsin(*args, *paths).stdout.splitlines()]
        return {(f["rule"]["uuid"], os.path.basename(f["log"]["file"]["path"]))
                for f in lines if "rule" in f}

    def test_rows(self):
        for i, (_, yes, no) in enumerate(ROWS):
            self.write(f"logs/{i}-yes.json", json.dumps(yes))
            self.write(f"logs/{i}-no.json", json.dumps(copy.copy(no)))
        found = self.found(self.path("logs"))
        for i, (rule, yes, no) in enumerate(ROWS):
            self.assertIn((rule, f"{i}-yes.json"), found, yes)
            self.assertNotIn((rule, f"{i}-no.json"), found, no)

    def test_answers(self):
        """What an API or an event hub writes: records in an array, one object around it."""
        rule = ROWS[0][0]
        for name, text in (("graph.json", {"@odata.context": "https://example.com/v1.0/$metadata",
                                           "value": [ROWS[0][1]] * 3}),
                           ("hub.json", {"records": [ROWS[0][1]] * 3})):
            path = self.write(name, json.dumps(text, indent=2))
            self.assertIn((rule, name), self.found(path, rule=rule))

    def test_reachable(self):
        """Each of SigmaHQ's rules for these logs has a view."""
        for product, least in PRODUCTS.items():
            out = self.run_tocsin("rules", "list", "-f", "jsonl", "--product", product, "-r",
                                  os.path.join(CORPORA, "sigma", "rules"), status=0).stdout
            rules = [json.loads(l) for l in out.splitlines()]
            self.assertGreaterEqual(len(rules), least)
            self.assertEqual([r["id"] for r in rules if not r["views"]], [], product)


if __name__ == "__main__":
    if not CORPORA or not os.path.isdir(os.path.join(CORPORA, "sigma", "rules")):
        print("skipped: TOCSIN_CORPORA names no corpora folder")
        sys.exit(common.SKIP)
    common.main()
