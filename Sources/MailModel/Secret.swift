// A password or token and what is built from it. The octets live in locked pages that no core dump,
// no child and no swap gets, and are wiped when the last reference goes. There is no way to print,
// encode or compare one, on purpose (reliability.md 4.4: a String or a growing array leaves
// copies).

import CPlatform
import Synchronization

/// Octets that must not leak: one locked page of them.
package final class Secret: Sendable {
    /// Most octets a secret holds.
    package static let octetsMax = 16_384

    private struct Storage: @unchecked Sendable {
        // SAFETY: the pages belong to this object alone; every access goes through the mutex.
        let base: UnsafeMutableRawPointer
        var count: Int
    }

    private let storage: Mutex<Storage>

    /// An empty secret; nil where the system gives no memory for it.
    package init?() {
        guard let base = mb_secret_map(Self.octetsMax) else { return nil }
        storage = Mutex(Storage(base: base, count: 0))
    }

    /// A secret built by writing its octets into the locked memory; nil where there is no memory or
    /// more than `octetsMax` octets.
    package convenience init?(_ octets: some Sequence<UInt8>) {
        self.init()
        for octet in octets where !append(octet) { return nil }
    }

    deinit {
        storage.withLock { mb_secret_unmap($0.base, Self.octetsMax) }
    }

    /// How many octets it holds.
    package var count: Int { storage.withLock { $0.count } }

    /// Adds one octet; false when it is full.
    @discardableResult
    package func append(_ octet: UInt8) -> Bool {
        storage.withLock { storage in
            guard storage.count < Self.octetsMax else { return false }
            storage.base.storeBytes(of: octet, toByteOffset: storage.count, as: UInt8.self)
            storage.count += 1
            return true
        }
    }

    /// Adds octets; false when they do not all fit.
    @discardableResult
    package func append(contentsOf octets: some Sequence<UInt8>) -> Bool {
        octets.allSatisfy { append($0) }
    }

    /// Lets `body` see the octets, which it must not copy into anything that outlives it.
    package func withUnsafeBytes<Result>(
        _ body: (UnsafeRawBufferPointer) throws -> Result
    ) rethrows -> Result {
        try storage.withLock { storage in
            try body(UnsafeRawBufferPointer(start: storage.base, count: storage.count))
        }
    }

    /// Forgets the octets now.
    package func wipe() {
        storage.withLock { storage in
            mb_wipe(storage.base, Self.octetsMax)
            storage.count = 0
        }
    }
}
