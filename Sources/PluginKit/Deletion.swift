//  What becomes of documents that name one that is deleted.

import DocumentStore
import Gateway

extension Work {
    /// How many documents one deletion changes or deletes at most: it is one commit, and everybody else waits for it.
    private static let deletionLimit = 5_000

    /// Follows the declared rules of everything that names a deleted document; rules that refuse were asked before.
    ///
    /// - Throws: `.tooManyDependents`.
    package func settleReferences(to deleted: Document) throws(APIError) {
        let dependents = try unit.references(to: deleted.id, limit: .max)
            .map { (reference: $0, rule: kit.catalogue.rule(for: $0, to: resource.documentType)) }
            .filter { $0.rule != .keep }
        guard dependents.isEmpty || unit.writeCount + dependents.count <= Self.deletionLimit else {
            throw .tooManyDependents(limit: Self.deletionLimit)
        }
        for (reference, rule) in dependents {
            // Deleted or changed in this unit already: by a cascade that came round.
            guard try unit.stored(reference.source) != nil else { continue }
            let source = try on(type: reference.sourceType)
            switch rule {
            case .clear: try source.clear(deleted.id, reference.field, of: reference.source)
            case .cascade: _ = try source.delete(reference.source)
            case .keep, .refuse: break
            }
        }
        // Somebody may name it at this very moment; where a rule minds, the commit is tried again.
        if !dependents.isEmpty || kit.catalogue.minds(deletionOf: resource.documentType) {
            let kept = kit.catalogue.keptFields(naming: resource.documentType)
            unit.require(.unreferenced(deleted.address, except: kept))
        }
    }

    private func clear(_ id: DocumentID, _ field: String, of source: DocumentID) throws(APIError) {
        let old = try find(source)
        if let link = resource.links.first(where: { $0.reference.path.description == field }) {
            let new = try link.document(old, linkedTo: link.ids(of: old).filter { $0 != id }, reader)
            _ = try write(Change(old: old, new: new), [link.unlinking(id)])
            return
        }
        var new = old
        for reference in resource.references where reference.path.description == field {
            reference.clear(id, in: &new.fields)
        }
        let change = Change(old: old, new: new)
        _ = try write(change, resource.notifier.notices(of: change, type: resource.documentType))
    }
}
