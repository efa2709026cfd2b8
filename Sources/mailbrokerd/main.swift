// The broker as a program: reads its command line, leaves the terminal, puts the parts together.
// Nothing is decided here that a part could decide.

import CPlatform
import Dispatch
import Glibc

/// Leaves the terminal, before the first thread: only then may a process fork.
///
/// The shell's process
/// waits for the report and ends here.
func detach() -> @Sendable (StartReport) -> Void {
    var ready: Int32 = -1
    let child = mb_detach(&ready)
    guard child >= 0 else {
        Launch.complain("cannot fork: \(String(cString: strerror(errno)))")
        exit(EX_OSERR)
    }
    guard child == 0 else { exit(Launch.awaitReport(from: ready)) }
    let descriptor = ready
    return { Launch.report($0, to: descriptor) }
}

/// Hands the process over to the broker.
func run(isDetached: Bool, _ report: @escaping @Sendable (StartReport) -> Void) -> Never {
    Task { await Composition.run(isDetached: isDetached, report: report) }
    dispatchMain()
}

switch Launch(Array(CommandLine.arguments.dropFirst())) {
case .help: print(Launch.usage)
case .version: print(Launch.programVersion)
case .misuse(let argument):
    Launch.complain("unknown argument \(argument); see mailbrokerd --help")
    exit(EX_USAGE)
case .foreground: run(isDetached: false) { Launch.tell($0) }
case .detach: run(isDetached: true, detach())
}
