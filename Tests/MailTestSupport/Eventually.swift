// Waiting for a condition, with a bound: tests never sleep for a time and hope.

/// Waits until a condition holds; false when it does not within the bound.
package func eventually(
    within bound: Duration = .seconds(60),
    _ condition: () async throws -> Bool
) async rethrows -> Bool {
    let deadline = ContinuousClock.now + bound
    while ContinuousClock.now < deadline {
        if try await condition() { return true }
        try? await Task.sleep(for: .milliseconds(5))
    }
    return try await condition()
}
