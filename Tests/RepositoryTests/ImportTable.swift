// Who may import whom: design.md section 2 as a table, and the reading of import lines.

/// The import rules.
enum ImportTable {
    /// What each target may import; the standard library's own modules are in `free`.
    static let allowed: [String: Set<String>] = [
        "CPlatform": [], "COpenSSL": [], "CReadline": [], "CZlib": [],
        "MailModel": ["CPlatform"],
        "SASL": ["MailModel"],
        "IMAP": ["MailModel", "SASL"],
        "SMTP": ["MailModel", "SASL"],
        "MessageFormat": ["MailModel"],
        "MailStore": ["MailModel", "CPlatform", "GRDB", "FoundationEssentials"],
        "BrokerProtocol": ["MailModel", "CPlatform", "FoundationEssentials"],
        "OpenSSLTLS": ["COpenSSL", "MailModel", "CPlatform", "NIO"],
        "BrokerClient": ["BrokerProtocol", "MailModel", "CPlatform"],
        "BrokerServer": ["BrokerProtocol", "MailModel", "CPlatform", "Logging", "NIO"],
        "MailSession": [
            "IMAP", "SMTP", "SASL", "OpenSSLTLS", "MailModel", "CPlatform", "CZlib", "NIO",
        ],
        "BrokerCore": [
            "BrokerProtocol", "MessageFormat", "MailSession", "MailStore", "MailModel", "IMAP",
            "SMTP",
            "SASL", "BrokerServer", "CPlatform", "Logging", "TOMLKit",
        ],
        "FrontEnd": [
            "BrokerClient", "BrokerProtocol", "MailModel", "CPlatform", "ArgumentParser",
            "FoundationEssentials",
        ],
        "mailbrokerd": [
            "BrokerCore", "BrokerProtocol", "BrokerServer", "MailModel", "MailStore", "CPlatform",
            "Logging", "Dispatch", "NIO",
        ],
        "mb": frontEnd,
        "mb-fetch": frontEnd,
        "mb-console": frontEnd.union(["CReadline"]),
    ]

    private static let frontEnd: Set<String> = [
        "FrontEnd", "BrokerClient", "BrokerProtocol", "MailModel", "CPlatform", "ArgumentParser",
    ]

    /// Modules of the toolchain that bring nothing a rule is about.
    static let free: Set<String> = ["Glibc", "Swift", "Synchronization"]

    /// What one file may import beyond its target.
    static let exceptions: [String: Set<String>] = [
        "Sources/BrokerCore/Programs/ChildProgram.swift": ["Dispatch"]
    ]

    /// The modules a file imports, with their lines.
    static func imports(of file: SourceFile) -> [(line: Int, module: String)] {
        let code = SwiftMask.code(of: file.text)
        let lines = code.split(separator: "\n", omittingEmptySubsequences: false)
        return lines.enumerated().flatMap { number, line in
            line.split(separator: ";").compactMap { statement -> (line: Int, module: String)? in
                let words = statement.split(separator: " ")
                guard let place = words.firstIndex(of: "import"),
                    words[..<place].allSatisfy({ $0.first == "@" || modifiers.contains($0) })
                else { return nil }
                let rest = words[(place + 1)...].drop { kinds.contains($0) }
                guard let path = rest.first else { return nil }
                return (number + 1, String(path.prefix { $0 != "." }))
            }
        }
    }

    /// Imports of a file that the table does not allow.
    static func violations(in file: SourceFile) -> [Violation] {
        guard let table = allowed[file.target] else {
            return [Violation(path: file.path, line: 0, rule: "\(file.target) is not in the table")]
        }
        let wanted = table.union(free).union(exceptions[file.path] ?? [])
        return imports(of: file).compactMap { line, module in
            let isAllowed =
                wanted.contains(module) || (wanted.contains("NIO") && module.hasPrefix("NIO"))
            guard !isAllowed else { return nil }
            let rule = "\(file.target) must not import \(module)"
            return Violation(path: file.path, line: line, rule: rule)
        }
    }

    private static let modifiers: Set<Substring> = [
        "public", "package", "internal", "fileprivate", "private",
    ]
    private static let kinds: Set<Substring> = [
        "struct", "class", "enum", "protocol", "func", "var", "let", "typealias", "actor",
    ]
}
