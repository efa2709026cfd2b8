// GNU readline as the console's line editor. All of its state is behind CReadline.

import CReadline
import FrontEnd
import Glibc

/// The line editor of a terminal.
final class ReadlineEditor: LineEditor {
    private let history: String?

    /// Prepares the terminal; the history is kept where `directory` says.
    init(historyDirectory directory: String?) {
        mb_readline_prepare("mailbroker")
        umask(0o077)
        history = directory.flatMap { Self.makeDirectory($0) ? $0 + "/console_history" : nil }
        if let history { _ = mb_readline_load_history(history, FrontEndLimits.historyLinesMax) }
    }

    let isInteractive = true

    func begin(prompt: String) { mb_readline_begin(prompt) }

    func feed() -> [LineInput] {
        switch Int(mb_readline_feed()) {
        case Int(MB_READLINE_LINE):
            guard let line = mb_readline_take() else { return [] }
            defer { free(line) }
            let octets = UnsafeRawBufferPointer(start: line, count: strlen(line))
            return [.line(Array(octets))]
        case Int(MB_READLINE_END): return [.end]
        default: return []
        }
    }

    func end() { mb_readline_end() }
    func hide() { mb_readline_hide() }
    func show(prompt: String) { mb_readline_show(prompt) }
    func discard() { mb_readline_discard() }
    func resize() { mb_readline_resized() }

    func suspend() {
        mb_readline_suspend()
        kill(getpid(), SIGSTOP)
        mb_readline_resume()
    }

    func remember(_ line: [UInt8]) {
        mb_readline_remember(String(decoding: line, as: UTF8.self))
    }

    func complete(_ words: [String], after command: String?) {
        let copies: [UnsafeMutablePointer<CChar>?] = words.map { strdup($0) } + [nil]
        defer { copies.forEach { free($0) } }
        mb_readline_complete(command, copies.map { UnsafePointer($0) })
    }

    func close() {
        end()
        if let history { _ = mb_readline_save_history(history) }
    }

    /// Makes the directories of a path that are missing, mode 0700.
    private static func makeDirectory(_ path: String) -> Bool {
        var made: [UInt8] = []
        for component in path.utf8.split(separator: UInt8(ascii: "/")) {
            made += [UInt8(ascii: "/")] + component
            guard mkdir(String(decoding: made, as: UTF8.self), 0o700) == 0 || errno == EEXIST else {
                return false
            }
        }
        return true
    }
}
