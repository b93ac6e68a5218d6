using System.Text;
using System.Text.Json;
using Rebound.Engine.Collectives;
using Rebound.Files.Messages;

namespace Rebound.Training.Ranks;

/// <summary>Agreements of ranks, before a run and on the way.</summary>
/// <param name="ranks">Null for the only one.</param>
internal sealed class RankAgreement(Communicator? ranks)
{
    /// <summary>Whether this rank does what one does alone.</summary>
    public bool IsFirst => ranks is null or { Rank: 0 };

    /// <summary>Whether any rank says so.</summary>
    public bool Any(bool here) => ranks is null ? here : ranks.Sum(here ? 1 : 0) > 0;

    /// <summary>Whether all ranks say so.</summary>
    public bool All(bool here) => ranks is null ? here : ranks.Sum(here ? 1 : 0) == ranks.Size;

    /// <summary>The least number of all ranks.</summary>
    public int Least(int here) => ranks is null
        ? here
        : ranks.Exchange(BitConverter.GetBytes(here)).Min(message => BitConverter.ToInt32(message));

    /// <summary>Ranks of this host, which share its memory.</summary>
    public int OnThisHost() => ranks?.Exchange(Encoding.UTF8.GetBytes(Environment.MachineName))
        .Count(name => Encoding.UTF8.GetString(name) == Environment.MachineName) ?? 1;

    /// <summary>A text that rank 0 has, for all.</summary>
    public string? FromFirst(Func<string?> make)
    {
        if (ranks is null)
        {
            return make();
        }

        var message = ranks.Exchange(JsonSerializer.SerializeToUtf8Bytes(IsFirst ? make() : null))[0];
        return JsonSerializer.Deserialize<string?>(message);
    }

    /// <summary>Compares what decides the result, which has to be the same on all ranks.</summary>
    /// <exception cref="OptionsException">A rank's differs from that of rank 0; the message, the same on all, names what.</exception>
    public void Check(SortedDictionary<string, string> identity)
    {
        if (ranks is null)
        {
            return;
        }

        var messages = ranks.Exchange(JsonSerializer.SerializeToUtf8Bytes(identity));
        Dictionary<string, string>[] identities =
        [
            .. messages.Select(message => JsonSerializer.Deserialize<Dictionary<string, string>>(message)!),
        ];
        for (var rank = 1; rank < identities.Length; rank++)
        {
            var (first, other) = (identities[0], identities[rank]);
            var differences = first.Keys.Union(other.Keys).Order(StringComparer.Ordinal)
                .Select(name => (
                    Name: name, First: first.GetValueOrDefault(name, "not set"), Other: other.GetValueOrDefault(name, "not set")))
                .Where(value => value.First != value.Other)
                .Select(value => $"{value.Name} is {value.First} on rank 0 and {value.Other} on rank {rank}").ToArray();
            if (differences.Length > 0)
            {
                throw new OptionsException(
                    nameof(TrainingOptions.Ranks),
                    $"Ranks would train different runs: {string.Join("; ", differences)}. Give all of them the same options and files.");
            }
        }
    }
}
