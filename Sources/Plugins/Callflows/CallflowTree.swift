//  Walks the steps of a callflow.

import PluginKit

/// The steps of a callflow, a step before those that follow it.
struct CallflowTree {
    private let root: JSON?

    init(_ flow: JSON?) { root = flow }

    /// The names of the modules, each once, in the order of the steps; a step that is switched off does not count, what
    /// follows it does.
    var modules: [String] {
        var (names, seen): ([String], Set<String>) = ([], [])
        walk(root) { step in
            guard let name = step["module"]?.string, step["data"]?["skip_module"]?.bool != true else { return }
            if seen.insert(name).inserted { names.append(name) }
        }
        return names
    }

    /// The ids that the steps name, each once: in their settings, and where an outcome is a document.
    var namedIDs: [String] {
        var (ids, seen): ([String], Set<String>) = ([], [])
        func note(_ text: String) {
            if Self.isID(text), seen.insert(text).inserted { ids.append(text) }
        }
        walk(root) { step in
            Self.texts(step["data"], note)
            for outcome in step["children"]?.object?.keys ?? [] { note(outcome) }
        }
        return ids
    }

    private func walk(_ step: JSON?, _ visit: (JSON) -> Void) {
        guard let step, step.object != nil else { return }
        visit(step)
        for (_, child) in step["children"]?.object ?? [:] { walk(child, visit) }
    }

    private static func texts(_ value: JSON?, _ take: (String) -> Void) {
        switch value {
        case .string(let text)?: take(text)
        case .array(let elements)?: for element in elements { texts(element, take) }
        case .object(let members)?: for (_, member) in members { texts(member, take) }
        default: break
        }
    }

    private static func isID(_ text: String) -> Bool {
        text.utf8.count == 32 && text.utf8.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }
    }
}
