using System.Text.Json;
using Rebound.Files.Rows;

namespace Rebound.Trajectories.Formats;

/// <summary>
/// The members by which data says whether a turn is learned. They are synonyms: <c>loss</c> (NATInstruct), <c>weight</c>
/// (OpenAI), <c>train</c>, <c>loss_weight</c>, <c>trainable</c>, and <c>masked</c>, which says the opposite.
/// </summary>
internal static class TurnFlags
{
    public const string Loss = "loss";
    public const string Weight = "weight";

    private const string Inverse = "masked";

    private static readonly string[] Names = [Loss, "train", Weight, "loss_weight", "trainable", Inverse];

    public static bool IsFlag(string member) => Names.Contains(member);

    /// <summary>Whether the turn is learned; null where no flag says so.</summary>
    /// <exception cref="DataException">A flag is neither yes nor no, or two contradict each other.</exception>
    public static bool? Read(DataRow row, JsonElement turn, string path)
    {
        (string Name, bool Learned)? first = null;
        foreach (var name in Names)
        {
            if (DataRow.Optional(turn, name) is not { } value)
            {
                continue;
            }

            var learned = Value(row, value, DataRow.Field(path, name)) != (name == Inverse);
            if (first is { } other && other.Learned != learned)
            {
                throw row.Error(
                    DataRow.Field(path, name),
                    $"says that the turn is {Words(learned)}, and '{other.Name}' that it is {Words(other.Learned)}.");
            }

            first ??= (name, learned);
        }

        return first?.Learned;
    }

    private static bool Value(DataRow row, JsonElement value, string field) => row.Number(value, field) switch
    {
        0 => false,
        1 => true,
        var other => throw row.Error(
            field, $"must be true or false, 1 or 0, but is {other}: a turn is learned or it is not, in parts it cannot be."),
    };

    private static string Words(bool learned) => learned ? "learned" : "not learned";
}
