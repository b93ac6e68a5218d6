using System.Text.Json.Nodes;
using Rebound.Files.Json;
using Rebound.Files.Rows;

namespace Rebound.Trajectories.Formats;

/// <summary>Reads the messages of an open conversation in OpenAI's chat format.</summary>
public static class ChatTurns
{
    /// <summary>
    /// The messages as turns; those of the assistant count as said by the model itself (<see cref="Turn.Loss"/>), as they
    /// do in training.
    /// </summary>
    /// <param name="file">Where they are from, for messages.</param>
    /// <param name="row">Row of that file, counted from 1.</param>
    /// <exception cref="DataException">A message cannot be read.</exception>
    public static IReadOnlyList<Turn> Read(JsonArray messages, string file, int row)
    {
        var format = TrajectoryFormatNames.Of(TrajectoryFormat.OpenAi);
        var element = StrictJson.Element(new JsonObject { [format.Turns] = messages.DeepClone() });
        return new TurnReader(new DataRow(file, row, element), format).Read();
    }
}
