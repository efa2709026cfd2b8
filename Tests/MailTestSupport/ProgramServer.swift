// IMAP servers that are programs, as shell scripts: for `imap.command`.

package import Glibc

/// A shell script that is an IMAP server on its standard input and output.
package enum ProgramServer {
    /// A server with an empty INBOX, which says its process number in its greeting.
    ///
    /// - Parameters:
    ///   - before: what the script does before its greeting.
    ///   - cases: what it does for some commands before it says OK: patterns of `case`.
    ///   - after: what it does when its input has ended.
    /// - Returns: the argument list that runs it.
    package static func command(
        before: String = "",
        cases: String = "",
        after: String = ""
    ) -> [String] {
        let script = #"""
            \#(before)
            printf '* PREAUTH [CAPABILITY IMAP4rev1] %s\r\n' $$
            while read -r tag verb rest; do
              case $verb in
                \#(cases)
                LIST*) printf '* LIST () "/" INBOX\r\n' ;;
                SELECT*) printf '* 0 EXISTS\r\n* OK [UIDVALIDITY 1] v\r\n' ;;
                LOGOUT*) printf '* BYE bye\r\n%s OK out\r\n' "$tag"; exit 0 ;;
              esac
              printf '%s OK done\r\n' "$tag"
            done
            \#(after)
            """#
        return ["sh", "-c", script]
    }

    /// The process number in a greeting.
    package static func pid(_ greeting: [UInt8]) -> pid_t? {
        pid_t(String(decoding: greeting, as: UTF8.self))
    }

    /// Whether a child of ours has ended and has been reaped.
    package static func isGone(_ pid: pid_t) -> Bool { kill(pid, 0) != 0 && errno == ESRCH }
}
