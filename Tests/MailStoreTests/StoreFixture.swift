// A cache in a directory of its own, and values to fill it with.

import Foundation
import Glibc
import MailModel

@testable import MailStore

/// A directory that disappears with the test.
final class Scratch {
    let directory: String
    var path: String { directory + "/cache.db" }

    init() throws {
        var template = Array("/tmp/mbstoreXXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw POSIXError(.EIO) }
        chmod(template, 0o700)  // tests beside this one may narrow the umask of the process
        directory = String(
            decoding: template.dropLast().map(UInt8.init(bitPattern:)),
            as: UTF8.self
        )
    }

    deinit { try? FileManager.default.removeItem(atPath: directory) }

    func mode(_ name: String) -> mode_t? {
        var status = stat()
        return lstat(directory + "/" + name, &status) == 0 ? status.st_mode & 0o7777 : nil
    }

    func octets(_ name: String = "cache.db") throws -> [UInt8] {
        try Array(Data(contentsOf: URL(fileURLWithPath: directory + "/" + name)))
    }

    func write(_ octets: [UInt8], _ name: String = "cache.db") throws {
        try Data(octets).write(to: URL(fileURLWithPath: directory + "/" + name))
    }
}

extension MailStore {
    /// Adds a mailbox to an account and gives its number.
    func addMailbox(_ name: String, of account: String = "a") throws -> Int64 {
        let known = try mailboxes(of: account).map {
            MailboxListing(name: $0.name, display: $0.display, role: $0.role, isSelectable: true)
        }
        let listing = MailboxListing(
            name: MailboxName(name.utf8),
            display: name,
            role: nil,
            isSelectable: true
        )
        try setMailboxes(known + [listing], of: account)
        let wanted = MailboxName(name.utf8)
        guard let id = try mailboxes(of: account).first(where: { $0.name == wanted })?.id else {
            throw POSIXError(.ENOENT)
        }
        return id
    }
}

/// A state in an epoch.
func state(_ epoch: UInt32, total: Int = 0) -> MailboxState {
    MailboxState(uidValidity: UIDValidity(epoch), total: total, unseen: nil, confirmedAt: 1)
}

/// A change that adds messages.
func adding(_ messages: [MessageData], epoch: UInt32 = 1) -> MailboxChange {
    var change = MailboxChange(state: state(epoch, total: messages.count))
    change.added = messages
    return change
}

func message(
    _ uid: UInt32,
    received: Int64? = 1_000_000,
    flags: [Flag] = [],
    subject: String? = "s"
) -> MessageData {
    MessageData(
        uid: UID(uid),
        flags: flags,
        received: received.map { DateTime(unixSeconds: $0, offsetMinutes: 90) },
        size: 5_000_000_000,
        date: nil,
        subject: subject,
        messageID: "\(uid)@example.org",
        from: [Address(name: "J\u{fc}rgen \u{1F600}", address: "j@example.org")],
        to: [Address(name: nil, address: "a@example.org"), Address(name: "B", address: "")],
        cc: [],
        hasAttachment: true
    )
}
