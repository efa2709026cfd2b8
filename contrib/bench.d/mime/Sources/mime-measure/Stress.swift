// Every file whole, cut at 200 points and with single octets changed: reading must neither trap nor
// hang, and must not need more than eight times the file and 8 MiB.

import Glibc
import MailModel
import MessageFormat

/// Reading of damaged messages.
enum Stress {
    private static let cuts = 200
    private static let flips = 200
    private static let memoryFactorMax = 8
    private static let memoryBaseMax = 8 << 20
    /// A reading that takes longer is a hang.
    private static let secondsMax = 10.0

    static func run() -> Bool {
        let known = 4 * memoryBaseMax
        let seen = peakMemory { sink &+= Int([UInt8](repeating: 1, count: known)[known / 2]) }
        guard seen >= known else {
            print("what a reading needs cannot be measured here: \(seen) of \(known) octets seen")
            return false
        }
        var (files, trials, misses) = (0, 0, 0)
        var (worstMemory, worstTime) = ((value: 0.0, path: ""), (value: 0.0, path: ""))
        var random = SplitMix(state: 1)
        print("seed 1")
        for path in InputList.paths() {
            let octets = InputList.octets(of: path)
            files += 1
            let memory = peakMemory { read(octets) }
            let share = Double(memory - memoryBaseMax) / Double(max(octets.count, 1))
            if share > worstMemory.value { worstMemory = (share, path) }
            if memory > octets.count * memoryFactorMax + memoryBaseMax {
                misses += 1
                print("MEMORY \(memory) for \(octets.count): \(path)")
            }
            for damaged in damaged(octets, &random) {
                trials += 1
                let seconds = time { read(damaged) }
                if seconds > worstTime.value { worstTime = (seconds, path) }
                if seconds > secondsMax {
                    misses += 1
                    print("SLOW \(seconds) s: \(path)")
                }
            }
        }
        print("\(files) files, \(trials) damaged readings, \(misses) misses")
        print("worst memory above 8 MiB: \(worstMemory.value) x the file \(worstMemory.path)")
        print("slowest damaged reading: \(worstTime.value) s \(worstTime.path)")
        return misses == 0
    }

    private static func damaged(
        _ octets: [UInt8],
        _ random: inout SplitMix
    ) -> LazyMapSequence<Range<Int>, [UInt8]> {
        var generator = random
        random.state &+= UInt64(cuts + 2 * flips)
        let places = (0..<(2 * flips)).map { _ in generator.next() }
        return (0..<(cuts + flips)).lazy.map { trial in
            guard !octets.isEmpty else { return [] }
            if trial < cuts { return Array(octets[..<(octets.count * trial / cuts)]) }
            var changed = octets
            let index = 2 * (trial - cuts)
            changed[Int(places[index] % UInt64(octets.count))] ^=
                UInt8(truncatingIfNeeded: places[index + 1]) | 1
            return changed
        }
    }

    /// Reads everything there is to read.
    private static func read(_ octets: [UInt8]) {
        let tree = MessageTree(parsing: octets)
        let structure = tree.structure
        let texts = Set(TextPartChoice.texts(of: structure).map(\.section))
        _ = TextPartChoice.attachments(of: structure)
        for index in tree.parts.indices {
            let header = tree.header(of: index)
            _ = (header.subject, header.date, header.messageID, header.messageIDs("references"))
            for name in ["from", "to", "cc", "bcc", "reply-to"] { _ = header.addresses(name) }
            guard tree.parts[index].kind == .leaf else { continue }
            let content = tree.content(of: index)
            guard texts.contains(structure.parts[index].section) else { continue }
            let charset = ParameterList(structure.parts[index].parameters).value("charset")
            let text = MessageText.display(
                content,
                type: structure.parts[index].subtype,
                charset: charset,
                flowed: true,
                delSp: false
            )
            sink &+= text.utf8.count
        }
    }

    nonisolated(unsafe) private static var sink = 0  // SAFETY: this program has one thread.

    private static func time(_ work: () -> Void) -> Double {
        let elapsed = ContinuousClock().measure(work)
        return Double(elapsed.components.seconds) + Double(elapsed.components.attoseconds) / 1e18
    }

    /// How far the resident memory rose while something ran.
    ///
    /// What earlier work left free in the heap goes back to the system first: a rise into it would
    /// not be seen.
    private static func peakMemory(_ work: () -> Void) -> Int {
        releaseFreeMemory()
        let file = open("/proc/self/clear_refs", O_WRONLY)
        write(file, "5", 1)
        close(file)
        let before = status("VmRSS:")
        work()
        return max(0, status("VmHWM:") - before)
    }

    /// malloc_trim(3), which Swift's Glibc module does not show.
    private static func releaseFreeMemory() {
        typealias Trim = @convention(c) (Int) -> Int32
        guard let symbol = dlsym(nil, "malloc_trim") else { return }
        _ = unsafeBitCast(symbol, to: Trim.self)(0)
    }

    private static func status(_ name: String) -> Int {
        let octets = InputList.procOctets("/proc/self/status")
        for line in octets.split(separator: ASCII.lf) where line.starts(with: name.utf8) {
            return Int(ASCII.decimal(Array(line.filter { (0x30...0x39).contains($0) })) ?? 0) << 10
        }
        return 0
    }
}

/// A small seeded generator (Steele, Lea and Flood: SplitMix64).
struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
        return value ^ (value >> 31)
    }
}

extension InputList {
    /// The octets of a file of /proc, which has no size.
    static func procOctets(_ path: String) -> [UInt8] {
        let file = open(path, O_RDONLY)
        guard file >= 0 else { return [] }
        defer { close(file) }
        return [UInt8](unsafeUninitializedCapacity: 8192) { buffer, count in
            count = max(0, Glibc.read(file, buffer.baseAddress, buffer.count))
        }
    }
}
