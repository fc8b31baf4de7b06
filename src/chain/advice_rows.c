/* chain/advice_rows.c - what usually comes next, and what to do; in our own words, after the
 * publications that the rows name.
 *
 * The order of rows is the order in which they are given out.  Numbers are v19's. */
#include "chain/advice_int.h"

#define S(lit)                                                                                     \
    {                                                                                              \
        "" lit, sizeof("" lit) - 1                                                                 \
    }

enum {
    A = TCS_STAGE_ACCOUNT,
    B = TCS_STAGE_FOOTHOLD,
    C = TCS_STAGE_CREDENTIALS,
    D = TCS_STAGE_LATERAL,
    E = TCS_STAGE_DESTROY,
};

/* Steps that are the same in more or less: the first that fits is enough. */
enum { ISOLATE = 1, DISABLE, BLOCK };

/* clang-format off */
const struct tcs_advice_next tcs_chain_advice_nexts[] = {
    /* after a technique */
    {S("T1110"), A, A, S("T1621"), S("If a guess was right, the second factor is next: prompts by the dozen until one is approved."), S("AA24-290A")},
    {S("T1621"), A, A, S("T1098.005"), S("An approved prompt is used to register the intruder's own device as second factor, so that access lasts."), S("AA24-290A")},
    {S("T1110"), A, A, S("T1133"), S("Guessed accounts are tried on the VPN, Citrix and mail from the Internet."), S("AA24-290A")},
    {S("T1098.005"), A, B, S("T1087"), S("With lasting access comes a look around: accounts, groups, domain controllers."), S("AA24-290A")},
    {S("T1566"), A, B, S("T1204"), S("A recipient opens the file or link, and code of the intruder's runs on that host."), S("AA20-006A")},
    {S("T1190"), B, B, S("T1505.003"), S("The server that was broken into gets a web shell, so that the way in outlives the patch."), S("AA22-264A")},
    {S("T1505.003"), B, B, S("T1136"), S("Through the web shell local accounts are made, with names that look like the system's own."), S("AA24-241A")},
    {S("T1505.003"), B, C, S("T1003.001"), S("Through the web shell the passwords in the server's memory are read."), S("AA22-264A")},
    {S("T1219"), B, D, S("T1021.001"), S("Remote control programs and tunnels carry remote desktop sessions further in."), S("AA24-241A")},
    {S("T1572"), B, D, S("T1021.001"), S("Remote control programs and tunnels carry remote desktop sessions further in."), S("AA24-241A")},
    {S("T1114"), B, B, S("T1041"), S("Mailboxes are copied out, over months if nobody notices."), S("AA22-264A")},
    {S("T1685"), C, C, S("T1003.001"), S("With protection off, passwords are read from memory."), S("AA22-320A")},
    {S("T1003"), C, D, S("T1021.001"), S("The passwords that were read open remote desktops on other servers, a domain controller among them."), S("AA22-264A")},
    {S("T1003.003"), C, C, S("T1558.001"), S("With the domain's passwords tickets can be forged that no password change of a user undoes."), S("ATT&CK T1558.001")},
    {S("T1558.003"), C, D, S("T1078.002"), S("Cracked passwords of service accounts are used, often with high rights on many hosts."), S("ATT&CK T1558.003")},
    {S("T1021.001"), D, D, S("T1570"), S("From one server, tools and scripts are pushed to many hosts within hours."), S("AA22-264A")},
    {S("T1570"), D, C, S("T1685"), S("Protection is switched off on the hosts that got the tools."), S("AA22-264A")},
    {S("T1570"), D, E, S("T1486"), S("What was pushed to the hosts is an encryptor; it starts everywhere at once."), S("AA22-264A")},
    {S("T1484.001"), D, E, S("T1486"), S("A changed group policy starts an encryptor on every host that follows it."), S("Microsoft, April 2023 (MERCURY)")},
    {S("T1098.003"), D, E, S("T1485"), S("With a role over the tenant, virtual machines, storage and enrolled devices are deleted in bulk."), S("Microsoft, April 2023 (MERCURY)")},
    {S("T1489"), E, E, S("T1486"), S("Stopped databases and backup services leave their files open to encryption."), S("#StopRansomware Guide")},
    {S("T1490"), E, E, S("T1486"), S("Encryption begins within minutes to hours once the recovery copies are gone."), S("#StopRansomware Guide")},
    {S("T1486"), E, E, S("T1561.002"), S("When defenders begin to respond, a disk wiper may follow the encryptor."), S("AA22-264A")},
    /* after a stage */
    {S(""), A, A, S("T1098.005"), S("The account is made to last: a new device or second factor is registered."), S("AA24-290A")},
    {S(""), A, B, S("T1133"), S("The account is used from outside to reach a first host."), S("AA24-290A")},
    {S(""), B, B, S("T1505.003"), S("The foothold is made to last: web shells, tasks, accounts, remote control."), S("AA24-241A")},
    {S(""), B, C, S("T1003.001"), S("Passwords of others who logged on to the host are read from memory."), S("AA22-264A")},
    {S(""), B, C, S("T1685"), S("Protection is switched off or told to look away."), S("AA24-241A")},
    {S(""), C, D, S("T1021.001"), S("Stolen passwords are tried on other hosts by remote desktop and file shares."), S("AA22-264A")},
    {S(""), C, D, S("T1021.002"), S("Services and tasks are started on other hosts over their administrative shares."), S("AA22-264A")},
    {S(""), D, E, S("T1490"), S("Backups and shadow copies are deleted on the hosts that were reached."), S("#StopRansomware Guide")},
    {S(""), D, D, S("T1484.001"), S("One order is given to all hosts: group policy, software deployment, device management."), S("Microsoft, April 2023 (MERCURY)")},
    {S(""), D, E, S("T1486"), S("The hosts that were reached are encrypted or wiped at one time."), S("AA22-264A")},
    {S(""), E, E, S("T1486"), S("What is not yet encrypted or wiped will be, as fast as the intruder's accounts reach it."), S("AA22-264A")},
    {S(""), E, E, S("T1561.002"), S("A second, worse tool may be held back for the moment when the response begins."), S("AA22-264A")},
};

const struct tcs_advice_step tcs_chain_advice_all_steps[] = {
    /* what stops the end */
    {S(""), E, 1, ISOLATE, S("Cut {hosts} off the network now, and leave them powered on: memory may hold keys and traces.")},
    {S(""), E, 1, DISABLE, S("Disable {account} and every account that logged on to {hosts} today.")},
    {S("T1490"), E, 1, 0, S("Take the backup servers and their storage off the network before anything else, and check that one copy cannot be changed from here.")},
    {S("T1486"), E, 1, 0, S("Disconnect file servers and hypervisors that {account} can reach; what is offline is not encrypted.")},
    {S("T1561"), E, 1, 0, S("Do not restart {hosts}: wiped disks may be recoverable until the next start.")},
    {S("T1529"), E, 1, 0, S("Cancel pending restarts on {hosts} (shutdown /a); a wiper may wait for one.")},
    {S("T1531"), E, 1, 0, S("Use the break-glass accounts: the intruder may lock all others.")},
    {S("T1489"), E, 2, 0, S("Find out what was stopped on {host}: databases and backup agents first, and keep their files offline.")},
    {S(""), E, 3, 0, S("Keep images of one destroyed and one still running host before rebuilding.")},
    /* what keeps it from spreading */
    {S("T1484.001"), D, 1, 0, S("Disable the changed group policy object, and stop clients from refreshing: block SYSVOL if you cannot tell which one it is.")},
    {S("T1072"), D, 1, 0, S("Suspend the software deployment and device management until its orders of today are known.")},
    {S("T1098.003"), D, 1, 0, S("Remove the new role, revoke all sessions of {account}, and require a second administrator for bulk deletion.")},
    {S(""), D, 1, ISOLATE, S("Isolate {host}, and every host that it reached, from the network.")},
    {S(""), D, 1, DISABLE, S("Disable {account} in the directory, and end its sessions: a new password alone leaves tickets valid.")},
    {S("T1021.001"), D, 2, 0, S("Block remote desktop (3389) between servers and from workstations; allow it from a management host only.")},
    {S("T1021.002"), D, 2, 0, S("Block SMB (445) between workstations, and deny network logon to local administrators.")},
    {S("T1021.006"), D, 2, 0, S("Block WinRM (5985, 5986) except from a management host.")},
    {S("T1570"), D, 2, 0, S("Search all hosts for the pushed files by hash, and stop them before they start.")},
    {S("T1550"), D, 2, 0, S("Reset the password of {account} twice and purge its tickets; what was stolen stays usable until then.")},
    {S(""), D, 2, 0, S("Check that backups are offline or unchangeable: destruction usually follows this stage.")},
    {S("T1651"), D, 2, 0, S("Revoke the right to run commands on cloud machines from all but named administrators.")},
    /* what takes the keys back */
    {S("T1003.006"), C, 1, 0, S("Treat all passwords of the domain as known: reset krbtgt twice, then the administrators, then everybody.")},
    {S("T1003.003"), C, 1, 0, S("Treat all passwords of the domain as known: reset krbtgt twice, then the administrators, then everybody.")},
    {S("T1003.001"), C, 2, 0, S("Reset the password of everybody who was logged on to {host}, administrators first.")},
    {S("T1558.003"), C, 2, 0, S("Give the service accounts whose tickets were asked for long random passwords, and AES only.")},
    {S("T1685"), C, 2, 0, S("Switch protection on {host} back on from the central console, with tamper protection, and scan.")},
    {S("T1685.005"), C, 2, 0, S("Get the cleared logs of {host} from where they were forwarded to; they say what was to be hidden.")},
    {S("T1685.001"), C, 2, 0, S("Restore the audit policy of {host}; from when it was off, take other sources.")},
    {S("T1649"), C, 2, 0, S("Revoke the certificate that was issued, and close the template that allowed it.")},
    {S("T1555"), C, 3, 0, S("Reset what was saved in browsers and password stores on {host}.")},
    {S(""), C, 2, 0, S("Take privileged sessions off {host}, and reset the passwords of those who had one there.")},
    {S(""), C, 3, 0, S("Let no domain administrator log on to ordinary hosts until this is over.")},
    /* what ends the foothold */
    {S("T1190"), B, 2, 0, S("Take {host} off the Internet until it is patched and searched; a patch does not remove who is in.")},
    {S("T1505.003"), B, 2, 0, S("Take {host} off the Internet, keep the web shell as evidence, and compare all files below the web root with a clean copy.")},
    {S("T1136"), B, 2, 0, S("Disable the accounts that were created, and find what else they were used for.")},
    {S("T1219"), B, 2, 0, S("Remove the remote control program from {host}, and block its service addresses.")},
    {S("T1572"), B, 2, 0, S("Block the tunnel's far end, and look for other hosts that speak with it.")},
    {S("T1071"), B, 2, 0, S("Block the command server, and look for other hosts that speak with it.")},
    {S("T1105"), B, 3, 0, S("Search all hosts for the fetched tools by hash.")},
    {S("T1053"), B, 3, 0, S("Delete the scheduled task on {host}, and search all hosts for one of that name.")},
    {S("T1543"), B, 3, 0, S("Stop and delete the service on {host}, and search all hosts for one of that name or image.")},
    {S("T1547"), B, 3, 0, S("Remove the start entry on {host}, and search all hosts for it.")},
    {S("T1098.002"), B, 3, 0, S("Remove the mailbox permissions that were given, and list what was read with them.")},
    {S("T1114"), B, 3, 0, S("List the mailboxes that were read, and tell their owners what is known to outsiders.")},
    {S("T1041"), B, 3, 0, S("Find out from firewall and proxy logs how much left for where: it may be published.")},
    {S(""), B, 3, ISOLATE, S("Isolate {host}, and keep its memory before it is cleaned.")},
    {S(""), B, 4, 0, S("Search the other hosts for what was found on {host}.")},
    /* what gives the account back */
    {S("T1621"), A, 2, 0, S("Set sign-in to number matching or security keys; ask {account} which prompt was approved.")},
    {S("T1098.005"), A, 2, 0, S("Remove the device and second factor that were added to {account}, then reset its password.")},
    {S("T1556.006"), A, 2, 0, S("Restore the second factor of {account} after asking its owner by phone.")},
    {S("T1110.003"), A, 3, BLOCK, S("Block {address}, and check every account that it tried: one success is enough.")},
    {S("T1110"), A, 3, BLOCK, S("Block {address}, and lock out further guesses.")},
    {S("T1133"), A, 3, 0, S("End the VPN sessions of {account}, and require a second factor for remote access.")},
    {S("T1566"), A, 3, 0, S("Delete the message from all mailboxes, and ask who opened it.")},
    {S("T1539"), A, 3, 0, S("Revoke all sessions and refresh tokens of {account}.")},
    {S("T1528"), A, 3, 0, S("Revoke the consent and tokens of the application that {account} agreed to.")},
    {S("T1078"), A, 3, 0, S("Ask the owner of {account} by phone whether that was their logon.")},
    {S(""), A, 3, 0, S("Reset the password of {account}, revoke its sessions, and check its second factors.")},
    {S(""), A, 4, BLOCK, S("Block {address} at the edge, and look for other accounts that it used.")},
    {S(""), A, 5, 0, S("Require phishing-resistant sign-in for everybody who can reach the network from outside.")},
};
/* clang-format on */

const uint32_t tcs_chain_advice_nnexts =
    sizeof tcs_chain_advice_nexts / sizeof *tcs_chain_advice_nexts;
const uint32_t tcs_chain_advice_nsteps =
    sizeof tcs_chain_advice_all_steps / sizeof *tcs_chain_advice_all_steps;
