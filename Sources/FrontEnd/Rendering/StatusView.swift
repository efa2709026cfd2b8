// The state of the broker, its accounts and mailboxes as lines.

package import BrokerProtocol
import MailModel

/// States as lines.
package enum StatusView {
    /// The broker and every account.
    package static func lines(_ status: Status.Result, now: Int64) -> [String] {
        let uptime = duration(now - status.started.unixSeconds)
        let clients = status.clients == 1 ? "1 client" : "\(status.clients) clients"
        let socket = TerminalText.line(status.socket)
        let first = "broker  up \(uptime), pid \(status.pid), \(clients), socket \(socket)"
        let names = status.accounts.map { CellText($0.name, width: 24) }
        let width = max(6, names.map(\.width).max() ?? 0)
        var lines = [first]
        for (name, account) in zip(names, status.accounts) {
            lines.append("\(name.padded(to: width))  \(line(account))")
            if let problem = account.problem {
                lines.append(String(repeating: " ", count: width + 2) + TerminalText.line(problem))
            }
        }
        if status.accounts.isEmpty { lines.append("no accounts are configured") }
        return lines
    }

    /// `Logged in as a@b: IMAP host:993 (TLSv1.3, PLAIN), SMTP host:465 (TLSv1.3, PLAIN)`.
    package static func loggedIn(_ account: AccountStatus) -> String {
        let address = TerminalText.line(account.address)
        return "Logged in as \(address): IMAP \(link(account.imap)), SMTP \(link(account.smtp))"
    }

    /// The mailboxes of an account: unread, total, role, name; a last line where the mail server
    /// cannot be reached.
    package static func lines(_ folders: MailboxList.Result, now: LocalDate) -> [String] {
        let rows = folders.mailboxes.map { mailbox in
            number(mailbox.unseen) + "  " + number(mailbox.total) + "  "
                + CellText(mailbox.role?.rawValue ?? "", width: 9).padded(to: 9) + "  "
                + CellText(mailbox.name, width: 200).text
                + (mailbox.selectable ? "" : "  (holds only mailboxes)")
        }
        let table = rows.isEmpty ? [] : [" UNREAD    TOTAL  ROLE       NAME"] + rows
        guard let since = folders.offlineSince else { return table }
        return table + ["offline since \(DateColumn.text(LocalDate(since), now: now))"]
    }

    private static func number(_ value: Int?) -> String {
        CellText(value.map(String.init) ?? "-", width: 7).rightAligned(to: 7)
    }

    private static func line(_ account: AccountStatus) -> String {
        let state =
            switch account.state {
            case .loggedOut: "logged out"
            case .connecting: "connecting"
            case .live: "live"
            case .offline: "offline"
            case .needsLogin: "needs login"
            }
        var line = CellText(state, width: 11).padded(to: 11)
        line += "  \(TerminalText.line(account.address))"
        line += ", IMAP \(link(account.imap)), SMTP \(link(account.smtp))"
        let logins = account.imap.logins
        line += logins == 1 ? ", 1 IMAP login" : ", \(logins) IMAP logins"
        if let waiting = account.waiting, waiting > 0 {
            line += waiting == 1 ? ", 1 change waits" : ", \(waiting) changes wait"
        }
        if let outbox = account.outbox, outbox > 0 {
            line += outbox == 1 ? ", 1 message to send" : ", \(outbox) messages to send"
        }
        if let attention = account.attention, attention > 0 {
            line += ", \(attention) not sent: see mb outbox"
        }
        return line
    }

    private static func link(_ link: LinkStatus) -> String {
        let properties = [link.tls, link.mechanism].compactMap { $0 }
        let detail =
            properties.isEmpty
            ? "" : " (\(TerminalText.line(properties.joined(separator: ", "))))"
        let port = link.port == 0 ? "" : ":\(link.port)"  // a program has none
        return TerminalText.line(link.host) + port + detail
    }

    private static func duration(_ seconds: Int64) -> String {
        let minutes = max(0, seconds) / 60
        if minutes < 1 { return "\(max(0, seconds)) s" }
        if minutes < 60 { return "\(minutes) m" }
        let hours = minutes / 60
        return hours < 24 ? "\(hours) h \(minutes % 60) m" : "\(hours / 24) d \(hours % 24) h"
    }
}
