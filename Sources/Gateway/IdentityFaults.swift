//  What identity's refusals mean to a client.

import Identity

extension APIError {
    package init(_ error: IdentityError) {
        switch error {
        case .duplicateField(let name): self = .badRequest("The header field \(name) came more than once.")
        case .expiredToken: self = .expiredToken
        case .invalidToken: self = .invalidCredentials
        case .busy(let seconds), .throttled(let seconds): self = .tooManyRequests(retryAfter: seconds)
        case .cryptography(let reason), .directoryUnavailable(let reason): self = .internalFault(reason)
        case .keyFile(let path, let reason): self = .internalFault("\(path): \(reason)")
        }
    }
}
