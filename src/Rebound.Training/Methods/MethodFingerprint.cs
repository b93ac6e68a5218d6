using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Rebound.Training.Methods;

/// <summary>
/// The first digits of a hash of all that a method reads of documents beside their tokens and labels: outcomes, weights, rates,
/// advantages, mismatched answers, kept log-probabilities, and which belong together.
/// </summary>
internal static class MethodFingerprint
{
    private const int BytesShown = 8;

    public static string Of(LearningSet data)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var document in data.Documents)
        {
            double[] numbers =
            [
                document.Failed ? 1 : 0, document.Weight, document.SuccessRate, document.Advantage,
                document.Mismatched?.Length ?? 0,
            ];
            hash.AppendData(MemoryMarshal.AsBytes<double>(numbers));
            hash.AppendData(MemoryMarshal.AsBytes<int>(document.Mismatched?.Tokens ?? []));
            hash.AppendData(MemoryMarshal.AsBytes<int>(document.Mismatched?.Labels ?? []));
            hash.AppendData(MemoryMarshal.AsBytes<float>(
                data.Baseline == BaselineKind.Sampling ? Baseline.Kept(document.Document) ?? [] : []));
        }

        foreach (var unit in data.Units)
        {
            hash.AppendData(MemoryMarshal.AsBytes<int>([unit.Documents.Length, unit.Preferred, .. unit.Documents]));
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset().AsSpan(0, BytesShown));
    }
}
