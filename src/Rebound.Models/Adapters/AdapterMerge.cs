using Rebound.Checkpoints.Safetensors;
using Rebound.Engine;
using Rebound.Models.Export;
using Rebound.Models.Verification;

namespace Rebound.Models.Adapters;

/// <summary>Merges an adapter into its base weights and writes the model as a Hugging Face folder (<see cref="FolderExport"/>).</summary>
public static class AdapterMerge
{
    /// <param name="source">A model with an adapter.</param>
    /// <exception cref="ArgumentException">The model has no adapter.</exception>
    /// <inheritdoc cref="FolderExport.Write"/>
    public static IReadOnlyList<VerificationRow> Write(
        Backend backend, ModelSource source, string folder, StoredFloatType type, bool overwrite, Action<string>? writeBeside = null) =>
        source.Adapter is not null
            ? FolderExport.Write(backend, source, folder, type, overwrite, writeBeside)
            : throw new ArgumentException($"{source.Location} has no adapter beside it: there is nothing to merge.", nameof(source));
}
