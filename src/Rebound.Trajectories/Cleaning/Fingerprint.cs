using System.Security.Cryptography;
using System.Text;

namespace Rebound.Trajectories.Cleaning;

/// <summary>A fingerprint of 32 bytes, equal for trajectories with the same content.</summary>
internal static class Fingerprint
{
    /// <summary>
    /// Of roles, texts and calls, in order. Where the assistant speaks first the question stands elsewhere, and the
    /// trajectory's id is a part of it.
    /// </summary>
    /// <param name="normalized">Whether case and the amount of white space make no difference.</param>
    public static string Of(Trajectory trajectory, bool normalized)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        if (trajectory.Turns is [] or [{ Role: Roles.Assistant }, ..])
        {
            Append(hash, trajectory.Id);
        }

        foreach (var turn in trajectory.Turns)
        {
            Append(hash, turn.Role);
            Append(hash, normalized ? Normalize(turn.Content) : turn.Content);
            foreach (var call in turn.ToolCalls)
            {
                Append(hash, call.Name);
                Append(hash, normalized ? Normalize(call.Arguments) : call.Arguments);
            }
        }

        return Convert.ToHexString(hash.GetHashAndReset());
    }

    /// <summary>In lower case, with single spaces for white space between words and none around the text.</summary>
    private static string Normalize(string text) =>
        string.Join(' ', text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)).ToLowerInvariant();

    /// <summary>With its length, so that no two lists of texts run together to the same bytes.</summary>
    private static void Append(IncrementalHash hash, string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        hash.AppendData(BitConverter.GetBytes(bytes.Length));
        hash.AppendData(bytes);
    }
}
