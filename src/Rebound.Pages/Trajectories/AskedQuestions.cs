using Rebound.Files.Rows;
using Rebound.Trajectories;
using Rebound.Trajectories.Formats;

namespace Rebound.Pages.Trajectories;

/// <summary>The questions of trajectories that begin with answers, read when the first is asked for.</summary>
public sealed class AskedQuestions(PagesOptions options)
{
    private readonly Lazy<Task<QuestionFile?>> _questions = new(async () =>
        options.Questions is { } path ? await QuestionFile.ReadAsync(path, onBadRow: _ => { }) : null);

    /// <summary>The question that a trajectory does not bring itself; null where it does, or nothing tells it.</summary>
    public async Task<string?> OfAsync(Trajectory trajectory)
    {
        if (trajectory.Turns is not [{ Role: Roles.Assistant }, ..])
        {
            return null;
        }

        try
        {
            return (await _questions.Value)?.Find(trajectory.Id);
        }
        catch (DataException)
        {
            return null;
        }
    }
}
