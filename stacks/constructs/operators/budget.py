"""What the account may cost in a month before somebody is told."""

from aws_cdk import aws_budgets as budgets
from aws_cdk import aws_sns as sns
from constructs import Construct

from deployment.settings import Settings
from stacks.constructs.alarms import let_publish

# A forecast comes early, and needs five weeks of costs; what was spent is known within a day.
THRESHOLDS_PERCENT = {"ACTUAL": (80, 100), "FORECASTED": (100,)}


def create_budget(scope: Construct, settings: Settings, topic: sns.Topic) -> None:
    """Send a message to the topic when the month's costs near the settings' budget.

    It counts the whole account: AWS counts a tag's costs only once its payer has activated the tag, and says nothing until then.
    """
    let_publish(topic, "budgets.amazonaws.com")
    budget = budgets.CfnBudget(
        scope,
        "Budget",
        budget=budgets.CfnBudget.BudgetDataProperty(
            budget_type="COST",
            time_unit="MONTHLY",
            budget_limit=budgets.CfnBudget.SpendProperty(amount=settings.monthly_budget_usd, unit="USD"),
        ),
        notifications_with_subscribers=[
            budgets.CfnBudget.NotificationWithSubscribersProperty(
                notification=budgets.CfnBudget.NotificationProperty(
                    notification_type=kind, comparison_operator="GREATER_THAN", threshold=percent, threshold_type="PERCENTAGE"
                ),
                subscribers=[budgets.CfnBudget.SubscriberProperty(subscription_type="SNS", address=topic.topic_arn)],
            )
            for kind, thresholds in THRESHOLDS_PERCENT.items()
            for percent in thresholds
        ],
    )
    budget.node.add_dependency(topic)  # with its policy: Budgets asks whether it may publish
