// The sessions of one context, newest last, for the next connection to resume. Any thread may call.
// Sessions are kept in memory only: nothing here may write one to a disk or a log.
internal import COpenSSL
internal import Synchronization

/// One session of the library, owned by reference count.
///
// SAFETY: the pointer never changes, its reference count is atomic, and the library only reads a
// session that is handed to several connections (SSL_set_session(3), SSL_SESSION_up_ref(3)).
final class ResumableSession: @unchecked Sendable {
    let pointer: OpaquePointer

    /// Takes over one reference.
    init(owning pointer: OpaquePointer) {
        self.pointer = pointer
    }

    deinit {
        SSL_SESSION_free(pointer)
    }

    /// Whether the library would resume it and the certificate it vouches for is still current.
    ///
    /// A resumed handshake verifies no certificate, so the dates have to be looked at here.
    var isUsable: Bool {
        guard SSL_SESSION_is_resumable(pointer) == 1,
            let certificate = SSL_SESSION_get0_peer(pointer)
        else { return false }
        return PeerVerification.isCurrent(certificate)
    }

    /// Whether it should serve one connection only (RFC 8446 §C.4).
    var isSingleUse: Bool {
        SSL_SESSION_get_protocol_version(pointer) >= TLS1_3_VERSION
    }
}

/// The newest sessions of one context.
final class TLSSessionCache: Sendable {
    private let sessions = Mutex<[ResumableSession]>([])

    /// Keeps a session, dropping the oldest beyond `TLSLimits.sessionsMax`.
    func insert(_ session: ResumableSession) {
        sessions.withLock { sessions in
            if sessions.count >= TLSLimits.sessionsMax { sessions.removeFirst() }
            sessions.append(session)
        }
    }

    /// The newest usable session, or nil; one of TLS 1.3 is taken out.
    func next() -> ResumableSession? {
        sessions.withLock { sessions in
            while let session = sessions.last {
                guard session.isUsable else {
                    sessions.removeLast()
                    continue
                }
                if session.isSingleUse { sessions.removeLast() }
                return session
            }
            return nil
        }
    }
}
